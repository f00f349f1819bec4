import { call, pathOf } from '../rest.js'
import { type Cursor, isTerminal, type ServerMessage, type TaskEvent, type TaskSnapshot, type TaskStatus } from '../wire.js'
import { queryOf, requesting, type Transport } from './transport.js'

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
export const poll: Transport = (where, sink) =>
  requesting(sink, async (signal) => {
    const get = <T>(rest: string) => call<T>(where.options, pathOf(where.taskId, rest), { signal, once: true })
    const status = await get<TaskSnapshot>('')
    let { after } = where
    if (!after && !where.history) after = `${status.epoch}:${isTerminal(status.status) ? status.last_seq - 1 : status.last_seq}`
    let waitMs = 0
    let caughtUp = false
    for (let first = true; ; first = false) {
      const page = await get<EventPage>('/events' + queryOf({ ...where, after, options: { ...where.options, waitMs } }))
      const list: ServerMessage[] = []
      if (first) list.push({ type: 'connected', task_id: where.taskId, epoch: page.epoch }, { ...status, type: 'current_status' })
      if (page.reset) list.push({ type: 'history_reset', epoch: page.epoch })
      list.push(...page.events)
      if (page.caught_up && !caughtUp) list.push({ type: 'caught_up', cursor: page.cursor })
      signal.throwIfAborted()
      caughtUp ||= page.caught_up
      after = page.cursor
      waitMs = caughtUp ? (where.options.pollHoldMs ?? 25_000) : 0
      sink.heard()
      sink.messages(list)
      if (page.caught_up && isTerminal(page.status)) return { code: null, reason: 'task_finished', meaning: 'finished', retry: 'stop' }
    }
  })
