import type { ServerOptions } from '../rest.js'
import type { Ending } from '../verdict.js'
import type { Cursor, ServerMessage, Verdict } from '../wire.js'

/** Whom a transport tells what it hears. After `closed` it says nothing more. */
export interface Sink {
  messages(list: ServerMessage[]): void
  /** Something came, even if it means nothing: the line is alive. */
  heard(): void
  closed(ending: Ending): void
}

/** Where to connect, and from where on. */
export interface Where {
  server: ServerOptions
  taskId: string
  /** The last event that was processed; null: see `history`. */
  after: Cursor | null
  /** Without a cursor: from the first event, or from now on. */
  history: boolean
  compact: boolean
  sessionId: string | null
  /** How long the task may take to come into being, in ms. */
  waitMs: number
  /** For WebSockets of browsers, which can't send headers; null: none. */
  ticket(): Promise<string | null>
  WebSocket: WebSocketClass | undefined
}

/** A connection that a transport made. Both do nothing once it is closed. */
export interface Link {
  send(message: object): void
  close(bye: boolean): void
}

export type Transport = (where: Where, sink: Sink) => Link

/** What we need of a WebSocket class. */
export type WebSocketClass = new (url: string, protocols?: string[]) => {
  readyState: number
  send(text: string): void
  close(code?: number): void
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
}

/** The query of a request for events; the same on every transport. */
export const queryOf = (where: Where, more?: Record<string, string | null>): string => {
  const query = new URLSearchParams()
  const all = {
    after: where.after,
    include_history: where.history,
    compact: where.compact,
    session_id: where.sessionId,
    wait: where.waitMs ? where.waitMs + 'ms' : null,
    ...more,
  }
  for (const [name, value] of Object.entries(all)) if (value !== null) query.set(name, String(value))
  return '?' + query
}

/** How a connection is to end, as far as the server has said it: in `error` and `closing`. */
export const farewell = () => {
  let said: Partial<Ending> = {}
  return {
    hear(m: ServerMessage) {
      if (m.type === 'closing') said = { reason: m.reason, meaning: `the server closed: ${m.reason}`, ...said, retry: m.retry, retryAfterMs: m.retry_after_ms }
      else if (m.type === 'error' && m.fatal) said = { reason: m.code, meaning: m.message, retry: m.retry ?? 'stop' }
    },
    /** The end, with what is to be thought where the server said nothing. */
    ending: (code: number | null, reason: string, meaning: string, retry: Verdict): Ending => ({ code, reason, meaning, retry, ...said }),
  }
}
