import type { MonitorFigures, SessionInfo } from '@holdfast/client'
import { words as connections } from '../../connection/words'
import { useFormats, useWords } from '../../shell/language'
import { Link } from '../../shell/router'
import { Figure } from './Figure'
import { useLook } from './look'
import { codes, words } from './words'

/** One viewer: whether it is connected, to what, and how well. */
export const Session = ({ sessionId, fronts, back }: { sessionId: string; fronts: MonitorFigures['fronts']; back: string }) => {
  const text = useWords(words)
  const { answer: session, gone } = useLook<SessionInfo>('/sessions/' + encodeURIComponent(sessionId))
  return (
    <section className="card" aria-labelledby="session">
      <div className="row spread">
        <h2 id="session">
          {text.session} <code>{sessionId}</code>
        </h2>
        <Link href={back}>{text.close}</Link>
      </div>
      {session ? (
        <Quality session={session} gone={gone} front={fronts.find(({ id }) => id === session.front)?.address ?? session.front} />
      ) : (
        <p className="dim" role="status">
          {gone ? text.noSession : text.looking}
        </p>
      )}
    </section>
  )
}

const Quality = ({ session, gone, front }: { session: SessionInfo; gone: boolean; front: string }) => {
  const text = useWords(words)
  const names = useWords(connections).transports
  const meanings = useWords(codes)
  const { number, dateTime } = useFormats()
  const { task_id, transport, connected, connected_at, cursor, lag, rtt_ms, reconnects, last_close_code } = session
  const state = gone ? 'ended' : connected ? 'connected' : 'away'
  return (
    <>
      <dl className="figures">
        <Figure label={text.state} value={<span role="status">{text.sessionStates[state]}</span>} bad={state !== 'connected'} />
        <Figure label={text.sessionColumns.transport} value={names[transport] ?? transport} />
        <Figure label={text.behind} value={text.eventsBehind(number(lag))} bad={lag > 0} />
        <Figure label={text.sessionColumns.rtt} value={rtt_ms === null ? '–' : `${number(rtt_ms, 1)} ms`} />
        <Figure label={text.connectsOf} value={number(reconnects + 1)} />
      </dl>
      <ul className="plain places">
        <li>
          <strong>{text.front}</strong> <code>{front}</code>{' '}
          <span className="dim">
            {text.since} {dateTime(connected_at)}
          </span>
        </li>
        <li>
          <strong>{text.cursor}</strong> <code>{cursor ?? '–'}</code>
        </li>
        {last_close_code !== null && (
          <li>
            <strong>{text.sessionColumns.last}</strong> {last_close_code} <span className="dim">{meanings[last_close_code]}</span>
          </li>
        )}
        <li>
          <strong>{text.sessionColumns.task}</strong>{' '}
          <Link href={`/monitor/?task=${task_id}`}>
            <code>{task_id}</code>
          </Link>
        </li>
      </ul>
    </>
  )
}
