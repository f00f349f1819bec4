import { useEffect, useState } from 'react'
import { words as connections } from '../../connection/words'
import { Table } from '../../parts/Table'
import { useFormats, useWords } from '../../shell/language'
import { Link } from '../../shell/router'
import { words } from './words'

interface Session {
  session_id: string
  task_id: string
  transport: string
  connected_at: string
  lag: number
  rtt_ms: number | null
  reconnects: number
  last_close_code: number | null
}

const refreshMs = 3000

/** Who is watching: the newest sessions, or those of one task, with their quality. */
export const Sessions = ({ taskId }: { taskId: string | null }) => {
  const text = useWords(words)
  const names = useWords(connections).transports
  const { number, time } = useFormats()
  const [sessions, setSessions] = useState<Session[]>([])
  useEffect(() => {
    const gone = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async () => {
      try {
        if (!document.hidden) {
          const answer = await fetch('/api/v1/sessions?limit=20' + (taskId ? '&task_id=' + encodeURIComponent(taskId) : ''), { signal: gone.signal })
          if (answer.ok) setSessions((await answer.json()).sessions)
        }
      } catch {
        // The badge says that the server is away; what was known stays.
      }
      if (!gone.signal.aborted) timer = setTimeout(look, refreshMs)
    }
    void look()
    return () => {
      gone.abort()
      clearTimeout(timer)
    }
  }, [taskId])
  return (
    <section className="card">
      <h2>{text.sessions}</h2>
      {sessions.length === 0 ? (
        <p className="dim">{text.noSessions}</p>
      ) : (
        <Table label={text.sessions} columns={text.sessionColumns}>
          {sessions.map((one) => (
            <tr key={one.session_id}>
              <td>
                <Link href={`/monitor/?task=${one.task_id}`}>
                  <code>{one.session_id.slice(0, 10)}</code>
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
