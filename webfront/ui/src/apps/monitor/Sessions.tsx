import type { SessionInfo } from '@holdfast/client'
import { words as connections } from '../../connection/words'
import { Table } from '../../parts/Table'
import { useFormats, useWords } from '../../shell/language'
import { Link } from '../../shell/router'
import { useLook } from './look'
import { words } from './words'

/** Who is watching: the newest sessions, or those of one task, with their quality. */
export const Sessions = ({ taskId }: { taskId: string | null }) => {
  const text = useWords(words)
  const names = useWords(connections).transports
  const { number, time } = useFormats()
  const task = taskId ? encodeURIComponent(taskId) : null
  const { answer } = useLook<{ sessions: SessionInfo[] }>('/sessions?limit=20' + (task ? '&task_id=' + task : ''))
  return (
    <section className="card">
      <h2>{text.sessions}</h2>
      {!answer?.sessions.length ? (
        <p className="dim">{text.noSessions}</p>
      ) : (
        <Table label={text.sessions} columns={text.sessionColumns}>
          {answer.sessions.map((one) => (
            <tr key={one.session_id}>
              <td>
                <Link href={`/monitor/?${task ? `task=${task}&` : ''}session=${one.session_id}`}>
                  <code>{one.session_id.slice(0, 10)}</code>
                </Link>
              </td>
              <td>
                <Link href={`/monitor/?task=${one.task_id}`}>
                  <code>{one.task_id.slice(0, 10)}</code>
                </Link>
              </td>
              <td>{names[one.transport] ?? one.transport}</td>
              <td>{time(one.connected_at)}</td>
              <td>{number(one.lag)}</td>
              <td>{one.rtt_ms === null ? '–' : `${number(one.rtt_ms, 1)} ms`}</td>
              <td>{number(one.reconnects)}</td>
              <td>{one.last_close_code ?? '–'}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  )
}
