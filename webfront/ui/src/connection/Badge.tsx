import { useId, useState } from 'react'
import { useFormats, useWords } from '../shell/language'
import { useStore } from '../shell/store'
import { shown } from './shown'
import { words } from './words'

/** Says the truth about the connection of the page that is shown. */
export const Badge = () => {
  const { connection, reconnect } = useStore(shown)
  const [open, setOpen] = useState(false)
  const id = useId()
  const text = useWords(words)
  const { number } = useFormats()
  const state = connection?.state ?? 'idle'
  const name = connection ? (text.states[state] ?? state) : text.none
  const transport = connection && !['idle', 'ended', 'failed', 'offline'].includes(state) ? (text.transports[connection.transport] ?? connection.transport) : null
  const lost = state === 'failed' || state === 'reconnecting' || state === 'offline'
  return (
    <div className="badge" data-state={state} data-transport={connection?.transport}>
      <button type="button" className="badge-face" aria-expanded={open} aria-controls={id} title={text.details} onClick={() => setOpen(!open)}>
        <span className="dot" aria-hidden="true" />
        <span role="status">{name}</span>
        {transport && <span className="dim">{transport}</span>}
        {!!connection?.try && <span className="dim">{text.try(connection.try)}</span>}
        {connection?.code != null && lost && <span className="code">{connection.code}</span>}
      </button>
      {lost && (
        <button type="button" className="small" onClick={reconnect}>
          {text.reconnect}
        </button>
      )}
      <div id={id} className="badge-more" hidden={!open}>
        <p>
          <strong>{name}</strong>
          {transport && <> · {transport}</>}
          {connection?.shared && <> · {text.shared}</>}
        </p>
        {connection?.reason && (
          <p>
            {text.lastEnd}: {[connection.code, connection.reason].filter((one) => one !== null).join(' ')}
            <br />
            <span className="dim">{connection.meaning}</span>
          </p>
        )}
        {connection?.retryInMs != null && <p className="dim">{text.nextTry(number(connection.retryInMs / 1000, 1))}</p>}
        {connection && state !== 'ended' && (
          <button type="button" className="small" onClick={reconnect}>
            {text.reconnect}
          </button>
        )}
      </div>
    </div>
  )
}
