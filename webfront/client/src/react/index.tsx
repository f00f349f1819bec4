import { Component, type ErrorInfo, type ReactNode, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import {
  emptyView,
  failureOf,
  HoldfastError,
  type LiveOptions,
  type MonitorState,
  type ReviewAnswer,
  type TaskFilter,
  type TaskListState,
  type TaskSnapshot,
  type TaskState,
  type Watched,
  type WatchOptions,
  watchMonitor,
  watchTask,
  watchTasks,
} from '../index.js'

const never = () => () => {}

/**
 * Watches while the component is mounted. The effect opens and closes; that React runs it twice in StrictMode costs no second connection, as
 * a connection outlives its last watcher for a moment.
 */
const useWatched = <State, Thing extends Watched<State>>(key: string | null, open: () => Thing, before: State): [State, Thing | null] => {
  const [watched, setWatched] = useState<{ key: string; thing: Thing } | null>(null)
  // The options that count are those of the render in which the key changed.
  useEffect(() => {
    if (key === null) return
    const thing = open()
    setWatched({ key, thing })
    return () => thing.stop()
  }, [key])
  const thing = watched && watched.key === key ? watched.thing : null
  const state = useSyncExternalStore(
    useCallback((listener) => (thing ? thing.subscribe(listener) : never()), [thing]),
    () => (thing ? thing.state : before),
    () => before,
  )
  return [state, thing]
}

const before = (taskId: string): TaskState => ({
  ...emptyView,
  taskId,
  cursor: null,
  task: null,
  connection: { at: 0, from: 'idle', state: 'idle', transport: 'websocket', try: 0, code: null, reason: null, meaning: null, retryInMs: null, shared: false },
})

export interface UseTaskOptions extends WatchOptions {
  /** Throw when the connection has failed for good, for a `TaskBoundary` above. Default: false, it is in `connection`. */
  throwOnFailure?: boolean
}

/** A task's state, and what can be done with it. */
export interface UsedTask extends TaskState {
  cancel(reason?: string): Promise<TaskSnapshot>
  review(answer: ReviewAnswer): Promise<TaskSnapshot>
  reconnect(): void
}

/** Watches a task while the component is mounted; null: none yet. Options count when the task's connection is made. */
export const useTask = (taskId: string | null | undefined, options: UseTaskOptions = {}): UsedTask => {
  const id = taskId ?? ''
  const blank = useMemo(() => before(id), [id])
  const key = taskId ? JSON.stringify([options.url, taskId, options.from]) : null
  const [state, watched] = useWatched(key, () => watchTask(id, options), blank)
  const { connection } = state
  if (options.throwOnFailure && connection.state === 'failed') {
    throw failureOf(connection)
  }
  return useMemo(() => {
    const absent = async (): Promise<never> => {
      throw new HoldfastError({ code: null, reason: 'no_task', meaning: 'no task is watched yet', retry: 'stop' })
    }
    return {
      ...state,
      cancel: watched ? watched.cancel : absent,
      review: watched ? watched.review : absent,
      reconnect: () => watched?.reconnect(),
    }
  }, [state, watched])
}

const notYet = before('').connection
const noTasks: TaskListState = { tasks: [], loaded: false, connection: notYet }
const noFigures: MonitorState = { figures: null, connection: notYet }

const useLive = <State extends object>(key: string, open: () => Watched<State>, before: State): State & { reconnect(): void } => {
  const [state, watched] = useWatched(key, open, before)
  return useMemo(() => ({ ...state, reconnect: () => watched?.reconnect() }), [state, watched])
}

/** The live list of tasks: with `{ status: 'active' }`, what runs now, also after a reload. */
export const useTasks = (filter: TaskFilter = {}, options: LiveOptions = {}): TaskListState & { reconnect(): void } =>
  useLive(JSON.stringify([options.url, filter]), () => watchTasks(filter, options), noTasks)

/** The cluster's newest figures, live. */
export const useMonitor = (options: LiveOptions = {}): MonitorState & { reconnect(): void } =>
  useLive(JSON.stringify([options.url]), () => watchMonitor(options), noFigures)

export interface TaskBoundaryProps {
  children?: ReactNode
  /** Shown instead of what failed. */
  fallback: ReactNode | ((failure: { error: Error; reset: () => void }) => ReactNode)
  /** Another value tries again: the task's id, for example. */
  resetKey?: unknown
  onError?: (error: Error, info: ErrorInfo) => void
}

/** What fails below it is shown here, and the rest of the page goes on. */
export class TaskBoundary extends Component<TaskBoundaryProps, { error: Error | null; key: unknown }> {
  override state = { error: null as Error | null, key: this.props.resetKey }

  static getDerivedStateFromError(thrown: unknown) {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) }
  }

  static getDerivedStateFromProps({ resetKey }: TaskBoundaryProps, { key }: { key: unknown }) {
    return Object.is(resetKey, key) ? null : { error: null, key: resetKey }
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    this.props.onError?.(error, info)
  }

  reset = () => this.setState({ error: null })

  override render() {
    const { error } = this.state
    const { children, fallback } = this.props
    return !error ? children : typeof fallback === 'function' ? fallback({ error, reset: this.reset }) : fallback
  }
}
