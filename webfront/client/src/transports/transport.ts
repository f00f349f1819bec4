import { endingOf, type ServerOptions } from '../rest.js'
import type { Ending } from '../verdict.js'
import type { Cursor, ServerMessage, Verdict } from '../wire.js'

/** Whom a transport tells what it hears. After `closed`, or once it was told to close, it says nothing more. */
export interface Sink {
  messages(list: ServerMessage[]): void
  /** Something came, even if it means nothing: the line is alive. */
  heard(): void
  closed(ending: Ending): void
}

/** What transports want to know of a watcher's options. */
export interface TransportOptions extends ServerOptions {
  /** Let the server merge tokens where we are behind. Default: true. */
  compact?: boolean
  /** How long a task that is not there yet may take to be created, up to 30 s. Default: 0. */
  waitMs?: number
  /** How long a poll is held, up to 30 s. Default: 25 s. */
  pollHoldMs?: number
  /** Draws a ticket for WebSockets, where the server asks for one: a browser can't send headers there. */
  ticket?: () => string | Promise<string>
  /** Default: the global one. Node 20 has none: give it the class of the package `ws`, or SSE is used. */
  webSocket?: WebSocketClass
}

/** Where to connect, and from where on. */
export interface Where {
  options: TransportOptions
  taskId: string
  /** The last event that was processed; null: see `history`. */
  after: Cursor | null
  /** Without a cursor: from the first event, or from now on. */
  history: boolean
  sessionId: string | null
}

/** The WebSocket class to use, where there is one. */
export const socketClass = ({ webSocket }: TransportOptions): WebSocketClass | undefined => webSocket ?? (globalThis.WebSocket as WebSocketClass | undefined)

/** A connection that a transport made. Both do nothing once it is closed. */
export interface Link {
  send(message: object): void
  close(bye: boolean): void
}

export type Transport = (where: Where, sink: Sink) => Link

/** What we need of a WebSocket class. */
export type WebSocketClass = new (
  url: string,
  protocols?: string[],
) => {
  readyState: number
  send(text: string): void
  close(code?: number): void
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
}

/** The query of a request for events; the same on every transport. */
export const queryOf = ({ options, after, history, sessionId }: Where, ticket?: string): string => {
  const query = new URLSearchParams()
  const all = {
    after,
    include_history: String(history),
    compact: String(options.compact ?? true),
    session_id: sessionId,
    wait: options.waitMs && options.waitMs + 'ms',
    batch: true,
    ticket,
  }
  for (const [name, value] of Object.entries(all)) if (value) query.set(name, String(value))
  return '?' + query
}

/** A connection made of requests: `run` makes them, and answers how it ended. */
export const requesting = (sink: Sink, run: (signal: AbortSignal) => Promise<Ending>): Link => {
  const abort = new AbortController()
  run(abort.signal)
    .catch(endingOf)
    .then((ending) => abort.signal.aborted || sink.closed(ending))
  return { send() {}, close: () => abort.abort() }
}

/** How a connection is to end, as far as the server has said it: in `error` and `closing`. */
export const farewell = () => {
  let said: Partial<Ending> = {}
  return {
    hear(m: ServerMessage) {
      if (m.type === 'closing') said = { reason: m.reason, meaning: 'the server closed: ' + m.reason, ...said, retry: m.retry, retryAfterMs: m.retry_after_ms }
      else if (m.type === 'error' && m.fatal) said = { reason: m.code, meaning: m.message, retry: m.retry ?? 'stop' }
    },
    /** The end, with what is to be thought where the server said nothing. */
    ending: (code: number | null, reason: string, meaning: string, retry: Verdict): Ending => ({ code, reason, meaning, retry, ...said }),
  }
}
