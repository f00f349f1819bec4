import { pathOf, refusalOf, type ServerOptions, send } from '../rest.js'
import { type Ending, httpEnding } from '../verdict.js'
import type { ServerMessage } from '../wire.js'
import { farewell, queryOf, requesting, type Transport } from './transport.js'

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
  server: ServerOptions,
  path: string,
  signal: AbortSignal,
  heard: () => void,
  onMessage: (message: ServerMessage) => void,
): Promise<Ending> => {
  const answer = await send(server, path, { headers: { accept: 'text/event-stream' }, signal })
  if (answer.status === 204) return { code: 204, reason: 'task_finished', meaning: 'finished', retry: 'stop' }
  if (!answer.ok || !answer.body) throw await refusalOf(answer)
  const bye = farewell()
  let refused: Ending | null = null
  const parse = sseParser((type, data) => {
    const message = JSON.parse(data)
    if (type === 'refused') refused = httpEnding(message.status, message)
    else {
      bye.hear(message)
      onMessage(message)
    }
  })
  const reader = answer.body.getReader()
  const decoder = new TextDecoder()
  let meaning = 'the stream ended'
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      heard()
      parse(decoder.decode(value, { stream: true }))
    }
  } catch (error) {
    meaning = String(error)
  }
  return refused ?? bye.ending(null, 'cut', meaning, 'reconnect')
}

/** Events as server-sent events. */
export const sse: Transport = (where, sink) =>
  requesting(sink, async (signal) => {
    // Events of one chunk go on together: one notification, not hundreds.
    let list: ServerMessage[] = []
    const flush = () => {
      if (list.length && !signal.aborted) sink.messages(list)
      list = []
    }
    const heard = () => {
      sink.heard()
      queueMicrotask(flush)
    }
    return readStream(where.options, pathOf(where.taskId, '/events' + queryOf(where)), signal, heard, (m) => list.push(m))
  })
