import { failureOf } from './driver.js'
import type { Connection } from './task.js'
import type { EventPage } from './transports/poll.js'
import type { HistoryReset, TaskEvent } from './wire.js'

interface Source {
  position(): { epoch: string | null; seq: number | null; connection: Connection }
  /** What is after a cursor; without one, from the start. */
  page(after: string | null): Promise<EventPage>
  done(): void
}

/** Events that wait for a slow reader; beyond, it reads pages instead. */
const mostWaiting = 10_000

/** A reader's own place in the events: takes them as they come, and reads pages where it is behind. */
export interface EventCursor {
  push(event: TaskEvent | HistoryReset): void
  /** Something has changed: look again. */
  wake(): void
  stop(): void
  /** Each event once, in order. Ends after the terminal one; throws when the connection has failed. */
  events(): AsyncGenerator<TaskEvent | HistoryReset, void, undefined>
}

/** Begins after event `at`; null: whatever comes is the first. */
export const createCursor = (at: number | null, source: Source): EventCursor => {
  let waiting: (TaskEvent | HistoryReset)[] = []
  let stopped = false
  let ring: (() => void) | null = null
  const wake = () => ring?.()

  return {
    push(event) {
      // Too many: what is dropped here is read as pages.
      if (waiting.length >= mostWaiting) waiting = waiting.filter((one) => !('seq' in one))
      if (!('seq' in event)) waiting = []
      waiting.push(event)
      wake()
    },
    wake,
    stop() {
      stopped = true
      wake()
    },
    async *events() {
      try {
        while (!stopped) {
          const { epoch, seq, connection } = source.position()
          const next = waiting[0]
          if (next && !('seq' in next)) {
            waiting.shift()
            at = 0
            yield next
          } else if (next && at !== null && next.seq <= at) {
            waiting.shift()
          } else if (next && (at === null || (next.seq_from ?? next.seq) === at + 1)) {
            waiting.shift()
            at = next.seq
            yield next
          } else if (at !== null && seq !== null && seq > at) {
            const page = await source.page(epoch && `${epoch}:${at}`)
            if (page.reset) {
              at = 0
              yield { type: 'history_reset', epoch: page.epoch }
            }
            for (const event of page.events) {
              if (stopped) return
              at = event.seq
              yield event
            }
            // A front that has not heard of them yet.
            if (!page.events.length) await new Promise((done) => setTimeout(done, 1000))
          } else if (connection.state === 'ended') {
            return
          } else if (connection.state === 'failed') {
            throw failureOf(connection)
          } else {
            await new Promise<void>((done) => (ring = done))
          }
        }
      } finally {
        source.done()
      }
    },
  }
}
