import { httpEnding, type Ending } from '../verdict.js'
import type { Problem, ServerMessage } from '../wire.js'
import { queryOf, unreachable, type Transport } from './transport.js'

/** The event stream format of the HTML standard, as far as we need it: calls `onEvent` for each event of the text so far. */
export const sseParser = (onEvent: (type: string, data: string) => void) => {
  let rest = ''
  let type = ''
  let data: string[] = []
  return (text: string) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    for (const line of lines) {
      if (!line) {
        if (data.length) onEvent(type || 'message', data.join('\n'))
        type = ''
        data = []
        continue
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line)!
      if (field === 'event') type = value!
      else if (field === 'data') data.push(value!)
    }
  }
}

/** Reads an event stream with `fetch`, so that statuses are seen and headers can be sent, as `EventSource` can't. Returns how it ended. */
export const readStream = async (
  get: typeof fetch,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  heard: () => void,
  onEvent: (type: string, data: string) => void,
): Promise<Ending> => {
  const answer = await get(url, { headers: { ...headers, accept: 'text/event-stream' }, signal, cache: 'no-store' })
  if (answer.status === 204) return { code: 204, reason: 'task_finished', meaning: 'the task has finished', retry: 'stop' }
  if (!answer.ok || !answer.body) return httpEnding(answer.status, await answer.json().catch(() => null))
  let ending: Ending = { code: null, reason: 'cut', meaning: 'the stream was cut', retry: 'reconnect' }
  const parse = sseParser((type, data) => {
    if (type === 'refused') {
      const problem = JSON.parse(data) as Problem
      ending = httpEnding(problem.status, problem)
    } else if (type === 'closing') {
      const { code, reason, retry, retry_after_ms: retryAfterMs } = JSON.parse(data)
      if (ending.reason === 'cut') ending = { code, reason, meaning: `the server closed: ${reason}`, retry, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
    } else onEvent(type, data)
  })
  const reader = answer.body.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return ending
      heard()
      parse(decoder.decode(value, { stream: true }))
    }
  } catch (error) {
    if (ending.reason !== 'cut') return ending
    throw error
  }
}

/** Events as server-sent events. */
export const sse: Transport = (where, sink) => {
  const abort = new AbortController()
  const connect = async () => {
    const query = queryOf(where, { include_history: where.history ? null : 'false', compact: where.compact ? 'true' : null })
    // Events of one chunk go on together: one notification, not hundreds.
    let list: ServerMessage[] = []
    const flush = () => {
      if (list.length && !abort.signal.aborted) sink.messages(list)
      list = []
    }
    const ending = await readStream(
      where.fetch,
      `${where.url}/api/v1/tasks/${encodeURIComponent(where.taskId)}/events${query}`,
      await where.headers(),
      abort.signal,
      () => {
        sink.heard()
        if (!list.length) queueMicrotask(flush)
      },
      (_, data) => list.push(JSON.parse(data)),
    )
    flush()
    return ending
  }
  connect()
    .catch(unreachable)
    .then((ending) => abort.signal.aborted || sink.closed(ending))
  return { send() {}, close: () => abort.abort() }
}
