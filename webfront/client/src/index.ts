export { watchTask, type Connection, type TaskState, type WatchedTask, type WatchOptions } from './task.js'
export { watchTasks, type ListOptions, type TaskListState, type WatchedList } from './list.js'
export {
  createTask,
  deleteTask,
  getResult,
  getTask,
  HoldfastError,
  listTasks,
  retryTask,
  sendInput,
  type CreateOptions,
  type NewTask,
  type ReviewAnswer,
  type ServerOptions,
  type TaskFilter,
} from './rest.js'
export { failureOf, type Transition } from './driver.js'
export type { ConnectionState, TransportName } from './policy.js'
export { createFold, emptyView, type Fold, type Item, type TaskView } from './view.js'
export { isTerminal } from './wire.js'
export type * from './wire.js'
