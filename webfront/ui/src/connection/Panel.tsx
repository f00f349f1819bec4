import { useId } from 'react'
import { Table } from '../parts/Table'
import { useFormats, useWords } from '../shell/language'
import { useStore } from '../shell/store'
import { cut, faults, goHalfOpen, type Faults } from './breaker'
import { settings, type Settings } from './settings'
import type { WatchedHere } from './watch'
import { words } from './words'

/** Beside a task, or below it on a narrow screen: what its connection went through, how to break it, and how to connect. */
export const ConnectionPanel = ({ task, record }: WatchedHere) => {
  const text = useWords(words)
  return (
    <section className="card connection" aria-label={text.connection}>
      <h2>{text.connection}</h2>
      {task.connection.state !== 'ended' && <Breaker shared={task.connection.shared} />}
      <Log task={task} record={record} />
      <SettingsForm />
    </section>
  )
}

const Breaker = ({ shared }: { shared: boolean }) => {
  const text = useWords(words)
  const broken = useStore(faults)
  const id = useId()
  const set = (change: Partial<Faults>) => faults.set({ ...broken, ...change })
  const block = (name: 'blockWebSocket' | 'blockStreams', on: boolean) => {
    set({ [name]: on })
    if (on) cut()
  }
  return (
    <fieldset className="breaker">
      <legend>{text.breakIt}</legend>
      <p className="dim">{shared ? text.followsOther : text.breakItHint}</p>
      <div className="row">
        <button type="button" onClick={cut}>
          {text.cut}
        </button>
        <button type="button" aria-describedby={id + 'h'} onClick={goHalfOpen}>
          {text.halfOpen}
        </button>
        <label className="inline">
          {text.slow}
          <select value={broken.slow} onChange={({ target }) => set({ slow: Number(target.value) })}>
            {[0, 20000, 2000, 200].map((one) => (
              <option key={one} value={one}>
                {text.slowChoices[one]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p id={id + 'h'} className="dim">
        {text.halfOpenHint}
      </p>
      {(['blockWebSocket', 'blockStreams'] as const).map((name) => (
        <div key={name}>
          <label className="inline">
            <input type="checkbox" checked={broken[name]} aria-describedby={id + name} onChange={({ target }) => block(name, target.checked)} />
            {text[name]}
          </label>{' '}
          <span id={id + name} className="dim">
            {text[`${name}Hint`]}
          </span>
        </div>
      ))}
    </fieldset>
  )
}

const Log = ({ task, record }: WatchedHere) => {
  const text = useWords(words)
  const { number, time } = useFormats()
  return (
    <>
      <p data-misplaced={record.misplaced}>
        {text.events(number(record.messages), number(Number(task.cursor?.split(':')[1] ?? 0)))} ·{' '}
        {record.misplaced ? <strong className="bad">{text.outOfOrder(record.misplaced)}</strong> : text.inOrder}
      </p>
      <details>
        <summary>{text.log}</summary>
        {record.lines.length === 0 ? (
          <p className="dim">{text.noLog}</p>
        ) : (
          <Table label={text.log} columns={text.logColumns} log>
            {[...record.lines].reverse().map((line) => (
              <tr key={line.n}>
                <td>{time(line.at)}</td>
                <td>{text.states[line.state] ?? line.state}</td>
                <td>{text.transports[line.transport] ?? line.transport}</td>
                <td>{line.try || ''}</td>
                <td>
                  {line.code} {line.reason} <span className="dim">{line.meaning}</span>
                  {line.retryInMs !== null && <> · {text.nextTry(number(line.retryInMs / 1000, 1))}</>}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </details>
    </>
  )
}

const switches = ['autoReconnect', 'shareTabs', 'leavePrompt'] as const
const times = ['delayMs', 'backoffMs', 'heartbeatMs', 'ackTimeoutMs', 'probeMs'] as const

export const SettingsForm = () => {
  const text = useWords(words)
  const chosen = useStore(settings)
  const set = (change: Partial<Settings>) => settings.set({ ...chosen, ...change })
  return (
    <details>
      <summary>{text.settings}</summary>
      <p className="dim">{text.settingsHint}</p>
      <div className="fields">
        {switches.map((name) => (
          <label key={name} className="inline">
            <input type="checkbox" checked={chosen[name]} onChange={({ target }) => set({ [name]: target.checked })} />
            {text[name]}
          </label>
        ))}
        {times.map((name) => (
          <label key={name}>
            {text[name]}
            <input type="number" min={0} max={3_600_000} step={100} value={chosen[name]} onChange={({ target }) => set({ [name]: Math.min(3_600_000, Math.max(0, target.valueAsNumber || 0)) })} />
          </label>
        ))}
      </div>
    </details>
  )
}
