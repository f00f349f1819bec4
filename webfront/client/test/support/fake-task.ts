import { type EventData, isTerminal, type TaskEvent, type TaskSnapshot } from '../../src/wire.js'

/** The log of a task that lives in a test. */
export class FakeTask {
  events: TaskEvent[] = []
  epoch = 'e1'
  deleted = false
  private checkpoints = new Set<number>()
  constructor(
    readonly id: string,
    /** Called when there is news. */
    private changed: () => void,
  ) {
    this.append('created', { kind: 'fake', labels: {} })
  }

  append<Type extends keyof EventData>(type: Type, data: EventData[Type]): number {
    const seq = this.events.length + 1
    this.events.push({ type, task_id: this.id, seq, ts: new Date().toISOString(), data } as TaskEvent)
    this.changed()
    return seq
  }

  token(delta: string, channel = 'main'): number {
    return this.append('token', { channel, delta })
  }

  complete(result: unknown = null): number {
    return this.append('completed', { result })
  }

  checkpoint(): number {
    this.checkpoints.add(this.events.length)
    return this.events.length
  }

  renew(): void {
    this.epoch = 'e' + (Number(this.epoch.slice(1)) + 1)
    this.events = []
    this.checkpoints.clear()
    this.append('created', { kind: 'fake', labels: {} })
  }

  get head(): TaskEvent | undefined {
    return this.events.at(-1)
  }

  get over(): boolean {
    return isTerminal(this.head!.type)
  }

  /** Events after `seq`, merged where that is allowed. */
  after(seq: number, compact: boolean): TaskEvent[] {
    if (!compact) return this.events.slice(seq)
    const borders = new Set(this.checkpoints)
    for (const event of this.events) if (event.type === 'retrying') borders.add(event.data.supersedes_after)
    const out: TaskEvent[] = []
    for (const event of this.events.slice(seq)) {
      const last = out.at(-1)
      if (last?.type === 'token' && event.type === 'token' && last.data.channel === event.data.channel && !borders.has(last.seq)) {
        out[out.length - 1] = { ...event, seq_from: last.seq_from ?? last.seq, data: { ...event.data, delta: last.data.delta + event.data.delta } }
      } else out.push(event)
    }
    return out
  }

  snapshot(): TaskSnapshot {
    const status = this.over ? (this.head!.type as TaskSnapshot['status']) : 'running'
    const review = this.events.filter((e) => e.type === 'review_required' || e.type === 'review_resolved').at(-1)
    return {
      task_id: this.id,
      kind: 'fake',
      status,
      epoch: this.epoch,
      first_seq: 1,
      last_seq: this.events.length,
      attempt: 1,
      max_attempts: 3,
      progress: { percent: null, stage: null, message: null, current: null, total: null },
      created_at: this.events[0]!.ts,
      started_at: null,
      updated_at: this.head!.ts,
      finished_at: null,
      owner: 'anonymous',
      silo: null,
      labels: {},
      viewers: 1,
      on_disconnect: { policy: 'continue' },
      retry_of: null,
      pending_review: review?.type === 'review_required' ? review.data : null,
      error: null,
      links: {},
    }
  }
}
