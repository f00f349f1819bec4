import { createDriver, type Transition } from './driver.js'
import { perFrame } from './frame.js'
import { createCursor, type EventCursor } from './events.js'
import { onPage } from './page.js'
import { defaultPolicy, type PolicyOptions } from './policy.js'
import { call, HoldfastError, pathOf, urlOf, type ReviewAnswer, type ServerOptions } from './rest.js'
import { joinTabs, type Tabs } from './tabs.js'
import { poll, type EventPage } from './transports/poll.js'
import { sse } from './transports/sse.js'
import type { Where, WebSocketClass } from './transports/transport.js'
import { websocket } from './transports/websocket.js'
import { createFold, type TaskView } from './view.js'
import { isTerminal, type Cursor, type HistoryReset, type ServerMessage, type TaskEvent, type TaskSnapshot } from './wire.js'

/** Everything has a default; see the package's README for the table. */
export interface WatchOptions extends ServerOptions, Partial<PolicyOptions> {
  /** Where the view begins: the first event, what comes from now on, or after a cursor. Default: `start`. */
  from?: 'start' | 'now' | Cursor
  /** Let the server merge tokens where we are behind. Default: true. */
  compact?: boolean
  /** How long a task that is not there yet may take to be created, up to 30 s. Default: 0. */
  waitMs?: number
  /** Between heartbeats. Default: what the server says. */
  heartbeatMs?: number
  /** How long a poll is held, up to 30 s. Default: 25 s. */
  pollHoldMs?: number
  /** How long the connection stays when the last watcher stops: a component that comes back finds it. Default: 500. */
  lingerMs?: number
  /** One connection for all tabs of the browser. Default: true. */
  shareTabs?: boolean
  /** Ask the user before leaving the page while the task is unfinished. Default: false. */
  leavePrompt?: boolean
  /** Draws a ticket for WebSockets, where the server asks for one. */
  ticket?: () => string | Promise<string>
  /** Default: the global one. Node 20 has none: give it the class of the package `ws`, or SSE is used. */
  webSocket?: WebSocketClass
  /** The connection's log, line by line. */
  onTransition?: (line: Connection) => void
  /** Each event once, in order, from this moment on. For those of before, iterate. */
  onEvent?: (event: TaskEvent | HistoryReset) => void
}

/** The connection as a user may want to see it. */
export interface Connection extends Transition {
  /** True: another tab has the connection, and tells us. */
  shared: boolean
}

/** Immutable; a new object for each notification. */
export interface TaskState extends TaskView {
  taskId: string
  connection: Connection
  /** Everything up to here is in this state. */
  cursor: Cursor | null
  /** The task as the server told it at the last connect: may be ahead of the rest. */
  task: TaskSnapshot | null
}

/** A task that is being watched. All watchers of one task in a page share one connection, and the options of the first. */
export interface WatchedTask extends AsyncIterable<TaskEvent | HistoryReset> {
  readonly taskId: string
  readonly state: TaskState
  /** Calls back after each change of `state`, at most once per frame. The answer ends it. */
  subscribe(listener: () => void): () => void
  /** Ends the task, for everybody. */
  cancel(reason?: string): Promise<TaskSnapshot>
  /** Decides the review that is pending. */
  review(answer: ReviewAnswer): Promise<TaskSnapshot>
  /** Connects now, whatever was before. */
  reconnect(): void
  /** Stops watching. The task runs on. */
  stop(): void
}

interface Watcher {
  options: WatchOptions
  listeners: Set<() => void>
  cursors: Set<EventCursor>
}

/** What the leading tab tells the others. */
type Word = 'reconnect' | { epoch: string | null; seq: number | null; line?: Connection; list?: ServerMessage[]; task: TaskSnapshot | null }

const createCore = (taskId: string, options: WatchOptions, gone: () => void) => {
  const url = urlOf(options)
  const from = options.from ?? 'start'
  const WebSocketClass = options.webSocket ?? (globalThis.WebSocket as WebSocketClass | undefined)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const policy: PolicyOptions = { ...defaultPolicy, ...given }
  policy.transports = policy.transports.filter((name) => name !== 'websocket' || WebSocketClass)

  const watchers = new Set<Watcher>()
  const fold = createFold()
  let epoch: string | null = null
  let seq: number | null = from === 'now' ? null : 0
  if (from !== 'start' && from !== 'now') {
    epoch = from.slice(0, from.lastIndexOf(':'))
    seq = Number(from.slice(epoch.length + 1))
  }
  let sessionId: string | null = null
  let task: TaskSnapshot | null = null
  let tabs: Tabs<Word> | null = null
  let following = false
  let linger: ReturnType<typeof setTimeout> | undefined
  const cursor = (): Cursor | null => (epoch === null || seq === null ? null : `${epoch}:${seq}`)
  const all = (tell: (watcher: Watcher) => void) => {
    for (const watcher of [...watchers]) {
      try {
        tell(watcher)
      } catch (error) {
        // A listener's error is its own: the others and the connection go on.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
  const changed = perFrame(() => {
    state = build()
    all(({ listeners }) => [...listeners].forEach((listener) => listener()))
  })

  const emit = (event: TaskEvent | HistoryReset) =>
    all(({ cursors, options: { onEvent } }) => {
      cursors.forEach((one) => one.push(event))
      onEvent?.(event)
    })
  const reset = (to: HistoryReset) => {
    fold.reset()
    epoch = to.epoch
    seq = 0
    emit(to)
  }
  /** Takes what comes next and skips what is known. Answers what is missing, if that can't be. */
  const take = (event: TaskEvent): string | null => {
    const first = event.seq_from ?? event.seq
    if (seq !== null) {
      if (event.seq <= seq) return null
      if (first !== seq + 1) return `event ${first} came after ${seq}`
    }
    fold.apply(event)
    seq = event.seq
    emit(event)
    return null
  }
  const show = (line: Connection) => {
    connection = line
    all((watcher) => {
      watcher.cursors.forEach((one) => one.wake())
      watcher.options.onTransition?.(line)
    })
    changed()
  }

  // --- leading: a connection of our own ---------------------------------------------

  const where = (): Where => ({
    server: options,
    taskId,
    after: cursor(),
    history: from !== 'now',
    compact: options.compact ?? true,
    sessionId,
    waitMs: options.waitMs ?? 0,
    ticket: async () => (await options.ticket?.()) ?? null,
    WebSocket: WebSocketClass,
  })
  const receive = (list: ServerMessage[]) => {
    const taken: TaskEvent[] = []
    for (const m of list) {
      if ('seq' in m) {
        const gap = take(m)
        if (gap) {
          driver.input({ type: 'closed', ending: { code: null, reason: 'gap', meaning: gap, retry: 'reconnect', retryAfterMs: 0 } })
          break
        }
        taken.push(m)
        continue
      }
      switch (m.type) {
        case 'connected':
          epoch ??= m.epoch
          sessionId = m.session_id ?? sessionId
          driver.input({ type: 'connected', beatMs: options.heartbeatMs ?? m.heartbeat_interval_ms ?? 30_000 })
          break
        case 'current_status':
          task = m
          if (seq === null) fold.seed(m)
          break
        case 'history_reset':
          reset(m)
          break
        case 'caught_up':
          seq ??= Number(m.cursor.split(':')[1])
          driver.input({ type: 'caught_up' })
          break
        case 'heartbeat_ack':
          driver.input({ type: 'ack', sent: Number(m.cursor.split(':')[1]), head: m.last_seq, seq: seq ?? 0 })
      }
    }
    if (taken.length) {
      driver.input({ type: 'progress' })
      if (isTerminal(taken[taken.length - 1]!.type)) driver.input({ type: 'terminal' })
    }
    if (tabs && !following) tabs.post({ epoch, seq, task, list: taken })
    changed()
  }
  const driver = createDriver({ websocket, sse, poll: poll(options.pollHoldMs) }, policy, {
    where,
    messages: receive,
    transition(line) {
      if (following) return
      show({ ...line, shared: false })
      tabs?.post({ epoch, seq, task, line: connection })
    },
  })

  let connection: Connection = { ...driver.line('idle'), shared: false }
  const build = (): TaskState => ({ ...fold.view(), taskId, connection, cursor: cursor(), task })
  let state = build()

  // --- following: another tab's connection -------------------------------------------

  let head = 0
  let reading = false
  /** Reads what the leader had before we came, and what we missed. */
  const catchUp = async () => {
    if (reading) return
    reading = true
    try {
      while (following && seq !== null && seq < head) {
        const after = cursor()
        const page: EventPage = await call(options, pathOf(taskId, `/events?compact=true${after ? '&after=' + after : ''}`))
        if (!following || cursor() !== after) continue
        if (page.reset) reset({ type: 'history_reset', reason: 'epoch_changed', epoch: page.epoch })
        epoch ??= page.epoch
        if (!page.events.length || page.events.some(take)) break
        changed()
      }
    } catch (error) {
      // The next word of the leader leads here again.
      const { code: reason, message: meaning, status: code } = error as HoldfastError
      if (following) show({ ...connection, state: 'reconnecting', reason, meaning, code })
    } finally {
      reading = false
    }
  }
  const hear = (word: Word | 'hello') => {
    if (!following) {
      if (word === 'reconnect') driver.input({ type: 'reconnect' })
      else if (word === 'hello' && driver.policy.state !== 'idle') tabs?.post({ epoch, seq, task, line: connection })
      return
    }
    if (typeof word === 'string' || word.seq === null) return
    if (epoch !== null && epoch !== word.epoch && word.epoch) reset({ type: 'history_reset', reason: 'epoch_changed', epoch: word.epoch })
    epoch = word.epoch
    task = word.task
    if (seq === null) {
      if (task) fold.seed(task)
      seq = word.seq
    }
    head = word.seq
    if (!reading) word.list?.some((m) => 'seq' in m && take(m))
    if (word.line) show({ ...word.line, shared: true })
    void catchUp()
    changed()
  }
  const join = () => {
    following = true
    tabs = (options.shareTabs ?? true) ? joinTabs<Word>(`holdfast:${url}:${taskId}:${from}`, { lead, follow, hear }) : null
    if (!tabs) lead()
  }
  const lead = () => {
    following = false
    const was = connection
    if (!was.shared) driver.input({ type: 'start' })
    else if (was.state !== 'ended' && was.state !== 'failed') driver.input({ type: 'reconnect' })
  }
  const follow = () => {
    following = true
    driver.input({ type: 'stop' })
  }

  // --- the page --------------------------------------------------------------------

  const offPage = onPage({
    online: () => driver.input({ type: 'online' }),
    offline: () => driver.input({ type: 'offline' }),
    visible: () => driver.input({ type: 'visible' }),
    hidden() {},
    leave() {
      if (sessionId && !following) navigator.sendBeacon?.(url + '/api/v1/cleanup', JSON.stringify({ session_id: sessionId }))
      sessionId = null
      driver.input({ type: 'suspend' })
      tabs?.close()
    },
    back() {
      if (tabs) join()
      driver.input({ type: 'resume' })
    },
    unfinished: () => !!options.leavePrompt && !!state.status && !isTerminal(state.status),
  })

  const dispose = () => {
    offPage()
    following = false
    tabs?.close()
    tabs = null
    driver.dispose()
    gone()
  }

  const watch = (mine: WatchOptions): WatchedTask => {
    clearTimeout(linger)
    const watcher: Watcher = { options: mine, listeners: new Set(), cursors: new Set() }
    watchers.add(watcher)
    return {
      taskId,
      get state() {
        return state
      },
      subscribe(listener) {
        watcher.listeners.add(listener)
        return () => watcher.listeners.delete(listener)
      },
      cancel: (reason) => call(mine, pathOf(taskId, '/cancel'), { body: { reason } }),
      async review({ reviewId = fold.view().pendingReview?.review_id, ...answer }) {
        if (!reviewId) throw new HoldfastError('No review is pending.', 'review_not_pending', null, 'stop')
        return call(mine, pathOf(taskId, '/review'), { body: { review_id: reviewId, ...answer } })
      },
      reconnect() {
        if (following) tabs?.post('reconnect')
        else driver.input({ type: 'reconnect' })
      },
      stop() {
        if (!watchers.delete(watcher)) return
        watcher.cursors.forEach((one) => one.stop())
        if (!watchers.size) linger = setTimeout(dispose, options.lingerMs ?? 500)
      },
      [Symbol.asyncIterator]() {
        const one = createCursor(from === 'start' ? 0 : seq, {
          position: () => ({ epoch, seq, connection }),
          page: (after) => call(mine, pathOf(taskId, `/events?compact=${mine.compact ?? true}${after ? '&after=' + after : ''}`)),
          done: () => watcher.cursors.delete(one),
        })
        watcher.cursors.add(one)
        return one.events()
      },
    }
  }
  return { watch, join }
}

const cores = new Map<string, ReturnType<typeof createCore>>()

/** Watches a task: connects, stays connected, and folds its events into a state. Watching the same task twice makes no second connection. */
export const watchTask = (taskId: string, options: WatchOptions = {}): WatchedTask => {
  const key = JSON.stringify([urlOf(options), taskId, options.from ?? 'start'])
  const known = cores.get(key)
  if (known) return known.watch(options)
  const core = createCore(taskId, options, () => cores.delete(key))
  cores.set(key, core)
  const watched = core.watch(options)
  core.join()
  return watched
}

