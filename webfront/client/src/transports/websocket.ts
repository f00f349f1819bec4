import { endingOf, urlOf } from '../rest.js'
import { closeMeaning, closeVerdict, type Ending } from '../verdict.js'
import { farewell, queryOf, socketClass, type Transport, type WebSocketClass } from './transport.js'

/** One socket per connection. Its verdict is what the server said before the close; without that, what the close code means. */
export const websocket: Transport = (where, sink) => {
  const bye = farewell()
  let socket: InstanceType<WebSocketClass> | undefined
  let over = false

  const end = (ending: Ending) => {
    if (over) return
    over = true
    sink.closed(ending)
  }
  const connect = async () => {
    const query = queryOf(where, await where.options.ticket?.())
    if (over) return
    socket = new (socketClass(where.options)!)(`${urlOf(where.options).replace(/^http/, 'ws')}/api/v1/ws/${encodeURIComponent(where.taskId)}${query}`, [
      'holdfast.v1',
    ])
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (over) return
      sink.heard()
      try {
        const list = [JSON.parse(String(data))].flat()
        list.forEach(bye.hear)
        sink.messages(list)
      } catch (error) {
        end({ ...endingOf(error), reason: 'unreadable' })
        socket!.close()
      }
    }
    socket.onerror = () => {} // A close follows, and says more.
    socket.onclose = ({ code }: { code: number }) => end(bye.ending(code, code === 1006 ? 'cut' : 'closed', closeMeaning(code), closeVerdict(code)))
  }
  connect().catch((error) => end({ ...endingOf(error), reason: 'unavailable' }))

  const send = (message: object) => {
    if (!over && socket?.readyState === 1) socket.send(JSON.stringify(message))
  }
  return {
    send,
    close(polite) {
      if (polite) send({ type: 'bye' })
      over = true
      socket?.close(1000)
    },
  }
}
