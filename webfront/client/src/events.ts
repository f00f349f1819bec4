import { HoldfastError } from './rest.js'
import type { EventPage } from './transports/poll.js'
import type { ConnectionState } from './policy.js'
import type { Cursor, HistoryReset, TaskEvent } from './wire.js'

interface Source {
  position(): { epoch: string | null; seq: number | null; connection: { state: ConnectionState; code: number | null; reason: string | null; meaning: string | null } }
  /** What is after a cursor; without one, from the start. */
  page(after: Cursor | null): Promise<EventPage>
  done(): void
}

/** Events that wait for a slow reader; beyond, it reads pages instead. */
const mostWaiting = 10_000

/** A reader's own place in the events: takes them as they come, and reads pages where it is behind. */
export class EventCursor {
  private waiting: (TaskEvent | HistoryReset)[] = []
  private stopped = false
  private ring: (() => void) | null = null

  constructor(
    /** The last event that was handed out; null: whatever comes is the first. */
    private at: number | null,
    private source: Source,
  ) {}

  push(event: TaskEvent | HistoryReset): void {
    if (!('seq' in event)) this.waiting = []
    else if (this.waiting.length >= mostWaiting) this.waiting.splice(0, this.waiting.length, ...this.waiting.filter((one) => !('seq' in one)))
    this.waiting.push(event)
    this.wake()
  }

  wake(): void {
    this.ring?.()
  }

  stop(): void {
    this.stopped = true
    this.wake()
  }

  /** Each event once, in order. Ends after the terminal one; throws when the connection has failed. */
  async *events(): AsyncGenerator<TaskEvent | HistoryReset, void, undefined> {
    try {
      while (!this.stopped) {
        const { epoch, seq, connection } = this.source.position()
        const next = this.waiting[0]
        if (next && !('seq' in next)) {
          this.waiting.shift()
          this.at = 0
          yield next
        } else if (next && this.at !== null && next.seq <= this.at) {
          this.waiting.shift()
        } else if (next && (this.at === null || (next.seq_from ?? next.seq) === this.at + 1)) {
          this.waiting.shift()
          this.at = next.seq
          yield next
        } else if (this.at !== null && seq !== null && seq > this.at) {
          const page = await this.source.page(epoch === null ? null : `${epoch}:${this.at}`)
          if (page.reset) {
            this.at = 0
            yield { type: 'history_reset', reason: 'epoch_changed', epoch: page.epoch }
          }
          for (const event of page.events) {
            if (this.stopped) return
            this.at = event.seq
            yield event
          }
          // A front that has not heard of them yet.
          if (!page.events.length) await new Promise((done) => setTimeout(done, 1000))
        } else if (connection.state === 'ended') {
          return
        } else if (connection.state === 'failed') {
          throw new HoldfastError(connection.meaning ?? 'The connection failed.', connection.reason ?? 'failed', connection.code, 'stop')
        } else {
          await new Promise<void>((done) => (this.ring = done))
          this.ring = null
        }
      }
    } finally {
      this.source.done()
    }
  }
}
