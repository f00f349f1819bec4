import type { Connection, HistoryReset, TaskEvent } from '@holdfast/client'
import { useTask, type UsedTask } from '@holdfast/client/react'
import { useState } from 'react'
import { createStore, useStore, type Store } from '../shell/store'
import { breakable } from './breaker'
import { asOptions, settings } from './settings'
import { useShown } from './shown'

/** How many lines of a connection's log are kept. */
const mostLines = 200

/** What a watched task's connection went through in this page, counted by ourselves, so that the client can be believed. */
export interface Record {
  lines: readonly (Connection & { n: number })[]
  messages: number
  /** Number of the last event. */
  last: number
  /** Events that did not follow the one before. */
  misplaced: number
}

const blank: Record = { lines: [], messages: 0, last: 0, misplaced: 0 }

const createRecord = () => {
  const store = createStore(blank)
  return {
    store,
    onTransition(line: Connection) {
      const now = store.get()
      store.set({ ...now, lines: [...now.lines, { ...line, n: (now.lines.at(-1)?.n ?? 0) + 1 }].slice(-mostLines) })
    },
    // Quietly: there may be thousands a second, and the task's own state makes the page look.
    onEvent(event: TaskEvent | HistoryReset) {
      const now = store.get()
      if ('seq' in event) {
        now.misplaced += now.last && (event.seq_from ?? event.seq) !== now.last + 1 ? 1 : 0
        now.last = event.seq
        now.messages++
      } else now.last = 0
    },
  }
}

export interface WatchedHere {
  task: UsedTask
  record: Record
}

/** A task, watched with this page's settings and faults, and shown in the badge. */
export const useWatched = (taskId: string): WatchedHere => {
  const [{ store, ...hear }] = useState(() => {
    const made = createRecord()
    made.store.set({ ...blank })
    return made
  })
  const task = useTask(taskId, { ...breakable, ...asOptions(settings.get()), ...hear })
  const record = useStore(store as Store<Record>)
  useShown(task.connection, task.reconnect)
  return { task, record }
}
