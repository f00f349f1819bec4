import type { WatchOptions } from '@holdfast/client'
import { createStore } from '../shell/store'

/** What is wrong with this page's network, on purpose. */
export interface Faults {
  blockWebSocket: boolean
  blockStreams: boolean
  /** Characters a second that come in; 0: as many as there are. */
  slow: number
}

export const faults = createStore<Faults>({ blockWebSocket: false, blockStreams: false, slow: 0 })

type SocketClass = NonNullable<WatchOptions['webSocket']>
type Handler = ((event: never) => void) | null

/** What is open, and can be broken. */
interface Victim {
  cut(): void
  hush(): void
}

const open = new Set<Victim>()

/** Cuts every connection of this page, without a word. */
export const cut = () => [...open].forEach((one) => one.cut())

/** The open connections stay open, and nothing gets through them any more, either way. */
export const goHalfOpen = () => open.forEach((one) => one.hush())

/** Lets text through in order, at the speed that is set. */
const createQueue = () => {
  let last: Promise<unknown> = Promise.resolve()
  return (length: number, deliver: () => void) => {
    const { slow } = faults.get()
    last = last.then(() => (slow ? new Promise((done) => setTimeout(done, (1000 * length) / slow)) : undefined)).then(deliver)
  }
}

/** A WebSocket that can be broken. To the client it looks as it would if the network were. */
class BreakableSocket implements Victim {
  onopen: Handler = null
  onmessage: Handler = null
  onclose: Handler = null
  onerror: Handler = null
  #real: WebSocket | null = null
  #hushed = false
  #over = false

  constructor(url: string, protocols?: string[]) {
    if (faults.get().blockWebSocket) {
      setTimeout(() => this.#end({ code: 1006 }))
      return
    }
    const socket = new WebSocket(url, protocols)
    const later = createQueue()
    this.#real = socket
    open.add(this)
    socket.onopen = (event) => this.onopen?.(event as never)
    socket.onerror = (event) => this.onerror?.(event as never)
    socket.onmessage = (event) => {
      if (this.#hushed) return
      if (!faults.get().slow && this.#direct) return this.onmessage?.(event as never)
      this.#direct = false
      later(String(event.data).length, () => this.#over || this.onmessage?.(event as never))
    }
    socket.onclose = ({ code }) => (this.#direct ? this.#end({ code }) : later(0, () => this.#end({ code })))
  }

  /** Nothing waits in the queue, and nothing ever did. */
  #direct = true

  get readyState() {
    return this.#over ? WebSocket.CLOSED : (this.#real?.readyState ?? WebSocket.CONNECTING)
  }

  send(text: string) {
    if (!this.#hushed) this.#real?.send(text)
  }

  close(code?: number) {
    open.delete(this)
    this.#real?.close(code)
  }

  cut() {
    this.#end({ code: 1006 })
    this.#real?.close()
  }

  hush() {
    this.#hushed = true
  }

  #end(event: { code: number }) {
    open.delete(this)
    if (this.#over || this.#hushed) return
    this.#over = true
    this.onclose?.(event as never)
  }
}

/** `fetch`, with streams that can be broken. Other requests are left alone. */
const breakableFetch: typeof fetch = async (input, init) => {
  if (!String(new Headers(init?.headers).get('accept')).includes('text/event-stream')) return fetch(input, init)
  if (faults.get().blockStreams) throw new TypeError('streams are blocked in this page')
  const abort = new AbortController()
  const stop = () => abort.abort()
  init?.signal?.addEventListener('abort', stop)
  const victim = { cut: stop, hush: () => void (hushed = true) }
  let hushed = false
  open.add(victim)
  abort.signal.addEventListener('abort', () => open.delete(victim))
  const answer = await fetch(input, { ...init, signal: abort.signal })
  const later = createQueue()
  const through = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, out) => new Promise<void>((done) => later(chunk.length, () => (hushed || out.enqueue(chunk), done()))),
    flush: () => void open.delete(victim),
  })
  return answer.body ? new Response(answer.body.pipeThrough(through), answer) : answer
}

/** For `watchTask`. */
export const breakable: WatchOptions = { webSocket: BreakableSocket as SocketClass, fetch: breakableFetch }
