import { type LiveOptions, type LiveSource, type LiveState, type Watched, watchLive } from './live.js'
import { filterQuery, type TaskFilter } from './rest.js'
import type { TaskSnapshot } from './wire.js'

interface TaskList {
  /** Newest first. */
  tasks: TaskSnapshot[]
  /** False until the first answer. */
  loaded: boolean
}

/** Immutable; a new object for each notification. */
export type TaskListState = LiveState<TaskList>

/** A live list. All watchers of one filter in a page share one connection. */
export type WatchedList = Watched<TaskListState>

type Change = { type: string; tasks?: TaskSnapshot[]; removed?: string[] }

const createList = (query: string): LiveSource<TaskList, Change> => {
  const known = new Map<string, TaskSnapshot>()
  return {
    before: { tasks: [], loaded: false },
    page: `/tasks${query}&limit=500`,
    read: ({ tasks }) => ({ type: 'snapshot', tasks: tasks! }),
    heed({ type, tasks, removed = [] }) {
      if (!tasks) return null
      if (type === 'snapshot') known.clear()
      tasks.forEach((task) => known.set(task.task_id, task))
      removed.forEach((id) => known.delete(id))
      return {
        tasks: [...known.values()].sort((a, b) => b.created_at.localeCompare(a.created_at) || b.task_id.localeCompare(a.task_id)),
        loaded: true,
      }
    },
  }
}

/** The live list of tasks: what runs now, also after a reload. */
export const watchTasks = (filter: TaskFilter = {}, options: LiveOptions = {}): WatchedList => {
  const query = filterQuery(filter)
  return watchLive('/tasks/stream' + query, options, () => createList(query))
}
