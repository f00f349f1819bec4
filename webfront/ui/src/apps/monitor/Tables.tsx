import type { MonitorFigures } from '@holdfast/client'
import { words as connections } from '../../connection/words'
import { Table } from '../../parts/Table'
import { useFormats, useWords } from '../../shell/language'
import { Figure } from './Figure'
import { codes, words } from './words'

/** What there is. */
export const Cluster = ({ now }: { now: MonitorFigures }) => {
  const text = useWords(words)
  const { number, dateTime } = useFormats()
  return (
    <section className="card">
      <h2>{text.cluster}</h2>
      <dl className="figures">
        <Figure label={text.version} value={now.version} />
        <Figure label={text.orleans} value={now.orleans} />
        <Figure label={text.store} value={now.store} />
        <Figure label={text.feeds} value={number(now.feeds)} />
        <Figure label={text.cache} value={`${number(now.page_cache_bytes / 1024)} KiB`} />
      </dl>
      <ul className="plain places">
        {now.silos.map((one) => (
          <li key={one.address}>
            <strong>{text.silo}</strong> <code>{one.address}</code> <span className="dim">{text.tasksOf(number(one.tasks))}</span>{' '}
            {!one.active && <span className="bad">{text.gone}</span>}
          </li>
        ))}
        {now.fronts.map((one) => (
          <li key={one.id}>
            <strong>{text.front}</strong> <code>{one.address}</code>{' '}
            <span className="dim">
              {one.id === now.front && `${text.thisFront} · `}
              {text.viewersOf(number(one.sessions))} · {text.since} {dateTime(one.started_at)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What one wants to know first. */
export const Health = ({ now }: { now: MonitorFigures }) => {
  const text = useWords(words)
  const { number } = useFormats()
  const { gaps, largest_lag, returned } = now.connections
  const { resumed = 0, reset = 0, refused = 0 } = returned
  const share = (good: number, all: number) => (all ? `${number((100 * good) / all, 1)} % (${number(good)})` : '–')
  return (
    <section className="card">
      <h2>{text.health}</h2>
      <dl className="figures">
        <Figure label={text.gaps} value={number(gaps)} bad={gaps > 0} />
        <Figure label={text.returned} value={share(resumed + reset, resumed + reset + refused)} />
        <Figure label={text.resumed} value={share(resumed, resumed + reset)} bad={reset > 0} />
        <Figure label={text.queue} value={number(now.tasks.queued ?? 0)} />
        <Figure label={text.largestLag} value={number(largest_lag)} />
        <Figure label={text.generators} value={number(now.work.generators_running)} />
        <Figure label={text.leases} value={number(now.work.worker_leases)} />
        <Figure label={text.owned} value={number(now.work.tasks_owned)} />
        <Figure label={text.interruptions} value={number(now.work.interruptions)} />
      </dl>
    </section>
  )
}

/** How connections began and ended. */
export const Ends = ({ now }: { now: MonitorFigures }) => {
  const text = useWords(words)
  const names = useWords(connections).transports
  const meanings = useWords(codes)
  const { number } = useFormats()
  const { opened, closed } = now.connections
  return (
    <section className="card">
      <h2>{text.ends}</h2>
      <p>
        {text.opened}:{' '}
        {Object.entries(opened)
          .map(([transport, count]) => `${names[transport] ?? transport} ${number(count)}`)
          .join(' · ') || number(0)}
      </p>
      {closed.length > 0 && (
        <Table label={text.ends} columns={text.endsColumns}>
          {closed.map(({ code, count, retry }) => (
            <tr key={code + retry}>
              <td>{code}</td>
              <td>{meanings[code]}</td>
              <td>{text.verdicts[retry]}</td>
              <td>{number(count)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  )
}
