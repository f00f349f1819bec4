import { call, endingOf, pathOf } from '../rest.js'
import type { Ending } from '../verdict.js'
import { isTerminal, type Cursor, type ServerMessage, type TaskEvent, type TaskSnapshot, type TaskStatus } from '../wire.js'
import { queryOf, type Transport } from './transport.js'

/** A page of a task's history. */
export interface EventPage {
  events: TaskEvent[]
  cursor: Cursor
  epoch: string
  caught_up: boolean
  status: TaskStatus
  reset: boolean
}

/** Pages, one after the other, told in the words of a stream. */
export const poll =
  (holdMs = 25_000): Transport =>
  (where, sink) => {
    const abort = new AbortController()
    const connect = async (): Promise<Ending> => {
      const get = <T>(rest: string) => call<T>(where.server, pathOf(where.taskId, rest), { signal: abort.signal, once: true })
      const status = await get<TaskSnapshot>('')
      let { after } = where
      if (!after && !where.history) after = `${status.epoch}:${isTerminal(status.status) ? status.last_seq - 1 : status.last_seq}`
      let waitMs = 0
      let caughtUp = false
      for (let first = true; ; first = false) {
        const page = await get<EventPage>('/events' + queryOf({ ...where, after, waitMs }))
        const list: ServerMessage[] = []
        if (first) {
          list.push({ type: 'connected', task_id: where.taskId, epoch: page.epoch }, { ...status, type: 'current_status' })
        }
        if (page.reset) list.push({ type: 'history_reset', reason: 'reset', epoch: page.epoch })
        list.push(...page.events)
        if (page.caught_up && !caughtUp) list.push({ type: 'caught_up', cursor: page.cursor })
        if (abort.signal.aborted) throw 0
        caughtUp ||= page.caught_up
        after = page.cursor
        waitMs = caughtUp ? holdMs : 0
        sink.heard()
        sink.messages(list)
        if (page.caught_up && isTerminal(page.status)) return { code: null, reason: 'task_finished', meaning: 'the task has finished', retry: 'stop' }
      }
    }
    connect()
      .catch(endingOf)
      .then((ending) => abort.signal.aborted || sink.closed(ending))
    return { send() {}, close: () => abort.abort() }
  }
