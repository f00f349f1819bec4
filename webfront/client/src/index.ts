export { failureOf, type Transition } from './driver.js'
export { type TaskListState, type WatchedList, watchTasks } from './list.js'
export type { LiveOptions, LiveState, Watched } from './live.js'
export { type MonitorState, type WatchedMonitor, watchMonitor } from './monitor.js'
export type { ConnectionState, TransportName } from './policy.js'
export {
  type CreateOptions,
  createTask,
  deleteTask,
  getResult,
  getTask,
  HoldfastError,
  listTasks,
  type NewTask,
  type ReviewAnswer,
  retryTask,
  type ServerOptions,
  type TaskFilter,
} from './rest.js'
export { type Connection, type TaskState, type WatchedTask, type WatchOptions, watchTask } from './task.js'
export { createFold, emptyView, type Fold, type Item, type TaskView } from './view.js'
export type * from './wire.js'
export { isTerminal } from './wire.js'
