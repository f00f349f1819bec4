import { closeMeaning, closeVerdict, type Ending } from '../verdict.js'
import type { ServerMessage, Verdict } from '../wire.js'
import { queryOf, unreachable, type Transport } from './transport.js'

/** One socket per connection. Its verdict is what the server said before the close; without that, what the close code means. */
export const websocket: Transport = (where, sink) => {
  let socket: InstanceType<NonNullable<typeof where.WebSocket>> | undefined
  let said: { reason?: string; meaning?: string; retry?: Verdict | undefined; retryAfterMs?: number | undefined } = {}
  let over = false

  const end = (ending: Ending) => {
    if (over) return
    over = true
    sink.closed(ending)
  }
  const receive = (text: string) => {
    const parsed = JSON.parse(text) as ServerMessage | ServerMessage[]
    const list = Array.isArray(parsed) ? parsed : [parsed]
    for (const m of list) {
      if (m.type === 'closing') said = { ...said, reason: said.reason ?? m.reason, retry: m.retry, retryAfterMs: m.retry_after_ms }
      else if (m.type === 'error' && m.fatal) said = { reason: m.code, meaning: m.message, retry: m.retry, retryAfterMs: m.retry_after_ms }
    }
    sink.messages(list)
  }
  const connect = async () => {
    const query = queryOf(where, {
      include_history: where.history && !where.after ? 'true' : null,
      compact: where.compact ? 'true' : null,
      batch: 'true',
      ticket: await where.ticket(),
    })
    if (over) return
    socket = new where.WebSocket!(`${where.url.replace(/^http/, 'ws')}/api/v1/ws/${encodeURIComponent(where.taskId)}${query}`, ['holdfast.v1'])
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (over) return
      sink.heard()
      try {
        receive(String(data))
      } catch (error) {
        end({ ...unreachable(error), reason: 'unreadable' })
        socket!.close()
      }
    }
    socket.onerror = () => {} // A close follows, and says more.
    socket.onclose = ({ code }: { code: number }) => {
      const { reason = code === 1006 ? 'cut' : 'closed', meaning = closeMeaning(code), retry = closeVerdict(code), retryAfterMs } = said
      end({ code, reason, meaning, retry, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    }
  }
  connect().catch((error) => end({ ...unreachable(error), reason: 'unavailable' }))

  const send = (message: object) => {
    if (!over && socket?.readyState === 1) socket.send(JSON.stringify(message))
  }
  return {
    send,
    close(bye) {
      if (bye) send({ type: 'bye' })
      over = true
      socket?.close(1000)
    },
  }
}
