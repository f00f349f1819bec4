import type { TransportName } from '../policy.js'
import type { Ending } from '../verdict.js'
import type { Cursor, ServerMessage } from '../wire.js'

/** Whom a transport tells what it hears. After `closed` it says nothing more. */
export interface Sink {
  messages(list: ServerMessage[]): void
  /** Something came, even if it means nothing: the line is alive. */
  heard(): void
  closed(ending: Ending): void
}

/** Where to connect, and from where on. */
export interface Where {
  /** Origin and path prefix, without a slash at the end. */
  url: string
  taskId: string
  /** The last event that was processed; null: see `history`. */
  after: Cursor | null
  /** Without a cursor: from the first event, or from now on. */
  history: boolean
  compact: boolean
  sessionId: string | null
  /** How long the task may take to come into being, in ms. */
  waitMs: number
  headers(): Promise<Record<string, string>>
  /** For WebSockets of browsers, which can't send headers; null: none. */
  ticket(): Promise<string | null>
  fetch: typeof fetch
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

export type Transports = Record<TransportName, Transport>

/** The query of a request for events. */
export const queryOf = (where: Where, more: Record<string, string | null>): string => {
  const query = new URLSearchParams()
  const all = { after: where.after, session_id: where.sessionId, wait: where.waitMs ? where.waitMs + 'ms' : null, ...more }
  for (const [name, value] of Object.entries(all)) if (value !== null) query.set(name, value)
  return '?' + query
}

/** The end of a request that got no answer. */
export const unreachable = (error: unknown): Ending => ({
  code: null,
  reason: 'unreachable',
  meaning: error instanceof Error ? error.message : String(error),
  retry: 'reconnect',
})
