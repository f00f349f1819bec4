import { createDriver, type Transition } from './driver.js'
import { perFrame } from './frame.js'
import { onPage } from './page.js'
import { defaultPolicy, type PolicyOptions } from './policy.js'
import { call, filterQuery, type ServerOptions, type TaskFilter, urlOf } from './rest.js'
import { readStream } from './transports/sse.js'
import { requesting, type Sink, type Transport } from './transports/transport.js'
import type { Ending } from './verdict.js'
import type { ServerMessage, TaskSnapshot } from './wire.js'

export interface ListOptions extends ServerOptions, Partial<PolicyOptions> {
  /** Between two looks where only polling works. Default: 5 s. */
  pollHoldMs?: number
  /** How long the connection stays when the last watcher stops. Default: 500. */
  lingerMs?: number
  onTransition?: (line: Transition) => void
}

/** Immutable; a new object for each notification. */
export interface TaskListState {
  /** Newest first. */
  tasks: TaskSnapshot[]
  /** False until the first answer. */
  loaded: boolean
  connection: Transition
}

/** A live list. All watchers of one filter in a page share one connection. */
export interface WatchedList {
  readonly state: TaskListState
  subscribe(listener: () => void): () => void
  reconnect(): void
  stop(): void
}

type Change = { type: 'snapshot' | 'change'; tasks: TaskSnapshot[]; removed: string[] }

const createList = (filter: TaskFilter, options: ListOptions, gone: () => void) => {
  const query = filterQuery(filter)
  const listeners = new Set<() => void>()
  let watchers = 0
  let linger: ReturnType<typeof setTimeout> | undefined
  let known = new Map<string, TaskSnapshot>()
  let tasks: TaskSnapshot[] = []
  let loaded = false

  /** A transport of lists: says `connected` before the first list. */
  const transport =
    (run: (signal: AbortSignal, sink: Sink, hear: (change: object) => void) => Promise<Ending>): Transport =>
    (_, sink) =>
      requesting(sink, (signal) => {
        const connected = { type: 'connected', task_id: '', epoch: '' } as const
        let greeting: ServerMessage[] = [connected]
        return run(signal, sink, (change) => {
          signal.throwIfAborted()
          sink.messages([...greeting, change as ServerMessage])
          greeting = []
        })
      })
  const sse = transport((signal, sink, hear) => readStream(options, '/tasks/stream' + query, signal, sink.heard, hear))
  const poll = transport(async (signal, sink, hear) => {
    for (;;) {
      const { tasks } = await call<{ tasks: TaskSnapshot[] }>(options, '/tasks' + query + '&limit=500', { signal, once: true })
      sink.heard()
      hear({ type: 'snapshot', tasks, removed: [] })
      await new Promise((done) => setTimeout(done, options.pollHoldMs ?? 5000))
    }
  })
  const heed = ({ type, tasks: changed, removed }: Change) => {
    if (type === 'snapshot') known = new Map()
    changed.forEach((task) => known.set(task.task_id, task))
    removed.forEach((id) => known.delete(id))
    tasks = [...known.values()].sort((a, b) => b.created_at.localeCompare(a.created_at) || b.task_id.localeCompare(a.task_id))
    loaded = true
    driver.input({ type: 'progress' })
    driver.input({ type: 'caught_up' })
    changedSoon()
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const policy: PolicyOptions = { ...defaultPolicy, transports: ['sse', 'poll'], ...given }
  const driver = createDriver({ sse, poll }, policy, {
    where: () => ({ options, taskId: '', after: null, history: true, sessionId: null }),
    messages(list) {
      for (const m of list) {
        if (m.type === 'connected') driver.input({ type: 'connected', beatMs: 0 })
        else if ('tasks' in m) heed(m as unknown as Change)
      }
    },
    transition(line) {
      connection = line
      options.onTransition?.(line)
      changedSoon()
    },
  })
  let connection = driver.line('idle')
  let state: TaskListState = { tasks, loaded, connection }
  const changedSoon = perFrame(() => {
    state = { tasks, loaded, connection }
    listeners.forEach((listener) => listener())
  })
  // Over HTTP/1.1 a browser has six connections per host for all its tabs: a list that nobody sees gives its one back.
  const offPage = onPage((what) =>
    driver.input({ type: what === 'hidden' || what === 'leave' ? 'suspend' : what === 'visible' || what === 'back' ? 'resume' : what }),
  )
  driver.input({ type: 'start' })

  return {
    watch(): WatchedList {
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

const lists = new Map<string, ReturnType<typeof createList>>()

/** The live list of tasks: what runs now, also after a reload. */
export const watchTasks = (filter: TaskFilter = {}, options: ListOptions = {}): WatchedList => {
  const key = urlOf(options) + filterQuery(filter)
  let list = lists.get(key)
  if (!list) lists.set(key, (list = createList(filter, options, () => lists.delete(key))))
  return list.watch()
}
