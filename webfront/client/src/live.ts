import { createDriver, type Transition } from './driver.js'
import { perFrame } from './frame.js'
import { onPage } from './page.js'
import { defaultPolicy, type PolicyOptions } from './policy.js'
import { call, type ServerOptions, urlOf } from './rest.js'
import { readStream } from './transports/sse.js'
import { requesting, type Sink, type Transport } from './transports/transport.js'
import type { Ending } from './verdict.js'
import type { Problem, ServerMessage } from './wire.js'

export interface LiveOptions extends ServerOptions, Partial<PolicyOptions> {
  /** Between two looks where only polling works. Default: 5 s. */
  pollHoldMs?: number
  /** How long the connection stays when the last watcher stops. Default: 500. */
  lingerMs?: number
  onTransition?: (line: Transition) => void
}

/** Immutable; a new object for each notification. */
export type LiveState<View> = View & {
  /** `catching_up` with a reason while it is connected and the server can't read what it is to show. */
  connection: Transition
}

/** Something of the server that is being watched, and is no task. All watchers of the same in a page share one connection, and the options of the first. */
export interface Watched<State> {
  readonly state: State
  /** Calls back after each change of `state`, at most once per frame. The answer ends it. */
  subscribe(listener: () => void): () => void
  /** Connects now, whatever was before. */
  reconnect(): void
  stop(): void
}

/** What is watched, and how its messages become what is shown. */
export interface LiveSource<View, Message> {
  /** Before the first message. */
  before: View
  /** Path under /api/v1 of one look at it, and what that says as a message of the stream. */
  page: string
  read(page: Message): Message
  /** What is shown after a message; null: it means nothing to us. */
  heed(message: Message): View | null
}

const createLive = <View extends object, Message>(stream: string, source: LiveSource<View, Message>, options: LiveOptions, gone: () => void) => {
  const listeners = new Set<() => void>()
  let watchers = 0
  let linger: ReturnType<typeof setTimeout> | undefined
  let view = source.before
  let trouble: Problem | null = null

  /** Says `connected` before the first message. */
  const transport =
    (run: (signal: AbortSignal, sink: Sink, hear: (message: object) => void) => Promise<Ending>): Transport =>
    (_, sink) =>
      requesting(sink, (signal) => {
        const connected = { type: 'connected', task_id: '', epoch: '' } as const
        let greeting: ServerMessage[] = [connected]
        return run(signal, sink, (message) => {
          signal.throwIfAborted()
          sink.messages([...greeting, message as ServerMessage])
          greeting = []
        })
      })
  const sse = transport((signal, sink, hear) => readStream(options, stream, signal, sink.heard, hear))
  const poll = transport(async (signal, sink, hear) => {
    for (;;) {
      const page = await call<Message>(options, source.page, { signal, once: true })
      sink.heard()
      hear(source.read(page) as object)
      await new Promise((done) => setTimeout(done, options.pollHoldMs ?? 5000))
    }
  })
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const policy: PolicyOptions = { ...defaultPolicy, transports: ['sse', 'poll'], ...given }
  const driver = createDriver({ sse, poll }, policy, {
    where: () => ({ options, taskId: '', after: null, history: true, sessionId: null }),
    messages(list) {
      for (const m of list) {
        if (m.type === 'connected') driver.input({ type: 'connected', beatMs: 0 })
        else if ('detail' in m) trouble = m as unknown as Problem
        else {
          const next = source.heed(m as Message)
          if (!next) continue
          view = next
          trouble = null
          driver.input({ type: 'progress' })
          driver.input({ type: 'caught_up' })
        }
      }
      changed()
    },
    transition(next) {
      line = next
      trouble = null
      options.onTransition?.(next)
      changed()
    },
  })
  let line = driver.line('idle')
  const build = (): LiveState<View> => ({
    ...view,
    connection: trouble ? { ...line, state: 'catching_up', reason: trouble.code, meaning: trouble.detail } : line,
  })
  let state = build()
  const changed = perFrame(() => {
    state = build()
    listeners.forEach((listener) => listener())
  })
  // Over HTTP/1.1 a browser has six connections per host for all its tabs: what nobody sees gives its one back.
  const offPage = onPage((what) =>
    driver.input({ type: what === 'hidden' || what === 'leave' ? 'suspend' : what === 'visible' || what === 'back' ? 'resume' : what }),
  )
  driver.input({ type: 'start' })
  if (globalThis.document?.hidden) driver.input({ type: 'suspend' })

  return {
    watch(): Watched<LiveState<View>> {
      clearTimeout(linger)
      watchers++
      const mine = new Set<() => void>()
      let stopped = false
      return {
        get state() {
          return state
        },
        subscribe(listener) {
          listeners.add(listener)
          mine.add(listener)
          return () => listeners.delete(listener)
        },
        reconnect: () => driver.input({ type: 'reconnect' }),
        stop() {
          if (stopped) return
          stopped = true
          mine.forEach((listener) => listeners.delete(listener))
          if (--watchers) return
          linger = setTimeout(() => {
            offPage()
            driver.dispose()
            gone()
          }, options.lingerMs ?? 500)
        },
      }
    },
  }
}

const open = new Map<string, { watch(): unknown }>()

/** Watches a stream under /api/v1 that tells how something is now; `create` is asked once for all who watch it. */
export const watchLive = <View extends object, Message>(
  stream: string,
  options: LiveOptions,
  create: () => LiveSource<View, Message>,
): Watched<LiveState<View>> => {
  const key = urlOf(options) + stream
  let live = open.get(key)
  if (!live) open.set(key, (live = createLive(stream, create(), options, () => open.delete(key))))
  return live.watch() as Watched<LiveState<View>>
}
