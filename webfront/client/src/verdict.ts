import type { Problem, Verdict } from './wire.js'

/** How a connection ended, whatever it was made of. */
export interface Ending {
  /** WebSocket close code, HTTP status, or null when there was none. */
  code: number | null
  /** A stable word: the server's, or one of `unreachable`, `cut`, `timeout`, `silent`, `gap`, `unavailable`. */
  reason: string
  /** For people: what it means, or what to do. */
  meaning: string
  retry: Verdict
  /** The server's wish, in ms. */
  retryAfterMs?: number | undefined
}

const stops = [1002, 1003, 1007, 1008, 1009]

/** Where the server says nothing itself. */
const words: Record<number, string> = {
  1000: 'closed normally',
  1001: 'the server is going away',
  1006: 'the connection was cut',
  1011: 'a fault on the server',
  1012: 'the server restarts',
  1013: 'the server is busy',
}

/** What a WebSocket close code means for people. */
export const closeMeaning = (code: number): string => words[code] ?? 'closed with code ' + code

/** The verdict of a close code, where the server did not say it in words. */
export const closeVerdict = (code: number): Verdict => ((code >= 4400 && code <= 4499) || stops.includes(code) ? 'stop' : 'reconnect')

/** The end of a request that was refused. What is no problem of ours (a proxy's page) is judged by its status. */
export const httpEnding = (status: number, problem: Partial<Problem> | null): Ending => ({
  code: status,
  reason: problem?.code ?? 'http_' + status,
  meaning: problem?.detail ?? 'the server answered ' + status,
  retry: problem?.retry ?? (status >= 400 && status < 500 && ![408, 425, 429].includes(status) ? 'stop' : 'reconnect'),
  retryAfterMs: problem?.retry_after_ms,
})
