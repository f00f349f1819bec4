import { createDriver, type Transition } from './driver.js'
import { createCursor, type EventCursor } from './events.js'
import { perFrame } from './frame.js'
import { createLeavePrompt, onPage } from './page.js'
import { defaultPolicy, type PlainInput, type PolicyOptions } from './policy.js'
import { call, endingOf, HoldfastError, pathOf, type ReviewAnswer, urlOf } from './rest.js'
import { joinTabs, type Tabs } from './tabs.js'
import { type EventPage, poll } from './transports/poll.js'
import { sse } from './transports/sse.js'
import { socketClass, type TransportOptions, type Where } from './transports/transport.js'
import { websocket } from './transports/websocket.js'
import { createFold, type TaskView } from './view.js'
import { type Cursor, type HistoryReset, isTerminal, type ServerMessage, type TaskEvent, type TaskSnapshot } from './wire.js'

/** Everything has a default; see the package's README for the table. */
export interface WatchOptions extends TransportOptions, Partial<PolicyOptions> {
  /** Where the view begins: the first event, what comes from now on, or after a cursor. Default: `start`. */
  from?: 'start' | 'now' | Cursor
  /** Between heartbeats. Default: what the server says. */
  heartbeatMs?: number
  /** How long the connection stays when the last watcher stops: a component that comes back finds it. Default: 500. */
  lingerMs?: number
  /** One connection for all tabs of the browser. Default: true. */
  shareTabs?: boolean
  /** Ask the user before leaving the page while the task is unfinished. Default: false. */
  leavePrompt?: boolean
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
type Word = 'reconnect' | { epoch: string | null; seq: number | null; line: Connection | undefined; list: TaskEvent[]; task: TaskSnapshot | null | undefined }

const seqOf = (cursor: string) => Number(cursor.split(':')[1])

const createCore = (taskId: string, options: WatchOptions, gone: () => void) => {
  const url = urlOf(options)
  const from = options.from ?? 'start'
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const policy: PolicyOptions = { ...defaultPolicy, ...given }
  policy.transports = policy.transports.filter((name) => name !== 'websocket' || socketClass(options))

  const watchers = new Set<Watcher>()
  const fold = createFold()
  let epoch: string | null = null
  let seq: number | null = from === 'now' ? null : 0
  if (from.includes(':')) {
    epoch = from.split(':')[0]!
    seq = seqOf(from)
  }
  let sessionId: string | null = null
  let task: TaskSnapshot | null = null
  let tabs: Tabs<Word> | null = null
  let following = false
  let linger: ReturnType<typeof setTimeout> | undefined
  const cursor = (): Cursor | null => (epoch && seq !== null ? `${epoch}:${seq}` : null)
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
    heedLeaving()
    all(({ listeners }) => [...listeners].forEach((listener) => listener()))
  })

  const emit = (event: TaskEvent | HistoryReset) =>
    all(({ cursors, options: { onEvent } }) => {
      cursors.forEach((one) => one.push(event))
      onEvent?.(event)
    })
  const reset = (to: string) => {
    fold.reset()
    epoch = to
    seq = 0
    emit({ type: 'history_reset', epoch: to })
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

  const where = (): Where => ({ options, taskId, after: cursor(), history: from !== 'now', sessionId })
  /** What the other tabs have not been told yet. */
  let untold: TaskEvent[] = []
  const tell = (line?: Connection) => {
    tabs?.post({ epoch, seq, task: line && task, line, list: untold })
    untold = []
  }
  const lost = (meaning: string) => driver.input({ type: 'closed', ending: { code: null, reason: 'gap', meaning, retry: 'reconnect', retryAfterMs: 0 } })
  const receive = (list: ServerMessage[]) => {
    const before = seq
    for (const m of list) {
      if ('seq' in m) {
        const gap = take(m)
        if (gap) {
          lost(gap)
          break
        }
        untold.push(m)
        if (isTerminal(m.type)) say('terminal')
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
          reset(m.epoch)
          break
        case 'caught_up':
          seq ??= seqOf(m.cursor)
          say('caught_up')
          break
        case 'heartbeat_ack':
          driver.input({ type: 'ack', sent: seqOf(m.cursor), head: m.last_seq, seq: seq ?? 0 })
          break
        case 'closing':
          // Finished, and we neither had the last event before nor got it now.
          if (m.reason === 'task_finished' && !(task && isTerminal(task.status) && task.last_seq === seq)) lost('the last event did not come')
      }
    }
    if (seq !== before) say('progress')
    tell()
    changed()
  }
  const driver = createDriver({ websocket, sse, poll }, policy, {
    where,
    messages: receive,
    transition(line) {
      if (following) return
      show({ ...line, shared: false })
      tell(connection)
    },
  })

  const say = (type: PlainInput) => driver.input({ type })
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
        if (page.reset) reset(page.epoch)
        epoch ??= page.epoch
        if (!page.events.length || page.events.some(take)) break
        changed()
      }
    } catch (error) {
      // The next word of the leader leads here again.
      const { code, reason, meaning } = endingOf(error)
      if (following) show({ ...connection, state: 'reconnecting', code, reason, meaning })
    } finally {
      reading = false
    }
  }
  const hear = (word: Word | 'hello') => {
    if (!following) {
      if (word === 'reconnect') say('reconnect')
      else if (word === 'hello' && driver.policy.state !== 'idle') tell(connection)
      return
    }
    if (typeof word === 'string') return
    task = word.task ?? task
    // A leader that has not heard of the task yet has only its state to tell.
    if (word.epoch && word.seq !== null) {
      if (epoch && epoch !== word.epoch) reset(word.epoch)
      epoch = word.epoch
      if (seq === null) {
        if (task) fold.seed(task)
        seq = word.seq
      }
      head = word.seq
      if (!reading) word.list.some(take)
    }
    if (word.line) show({ ...word.line, shared: true })
    void catchUp()
    changed()
  }
  const join = () => {
    following = true
    tabs = options.shareTabs === false ? null : joinTabs<Word>(`holdfast:${url}:${taskId}:${from}`, { lead, follow, hear })
    if (!tabs) lead()
  }
  const lead = () => {
    following = false
    const was = connection
    if (!was.shared) {
      say('resume')
      say('start')
    } else if (was.state !== 'ended' && was.state !== 'failed') say('reconnect')
  }
  const follow = () => {
    following = true
    say('stop')
  }

  // --- the page --------------------------------------------------------------------

  const offPage = onPage((what) => {
    if (what === 'leave') {
      if (sessionId && !following) navigator.sendBeacon?.(url + '/api/v1/cleanup', JSON.stringify({ session_id: sessionId }))
      sessionId = null
      say('suspend')
      tabs?.close()
    } else if (what === 'back') {
      if (tabs) join()
      else say('resume')
    } else if (what !== 'hidden') say(what)
  })
  const leavePrompt = createLeavePrompt()
  const heedLeaving = () => leavePrompt(!!options.leavePrompt && watchers.size > 0 && !!state.status && !isTerminal(state.status))

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
    heedLeaving()
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
      async review(answer) {
        const { review_id = fold.view().pendingReview?.review_id } = answer
        if (!review_id) throw new HoldfastError({ code: null, reason: 'review_not_pending', meaning: 'no review is pending', retry: 'stop' })
        return call(mine, pathOf(taskId, '/review'), { body: { ...answer, review_id } })
      },
      reconnect() {
        if (following) tabs?.post('reconnect')
        else say('reconnect')
      },
      stop() {
        if (!watchers.delete(watcher)) return
        watcher.cursors.forEach((one) => one.stop())
        heedLeaving()
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
  const key = [urlOf(options), taskId, options.from].join()
  const known = cores.get(key)
  if (known) return known.watch(options)
  const core = createCore(taskId, options, () => cores.delete(key))
  cores.set(key, core)
  const watched = core.watch(options)
  core.join()
  return watched
}
