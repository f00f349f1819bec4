import type { EventData, PendingReview, Progress, TaskEvent, TaskFailure, TaskSnapshot, TaskStatus } from './wire.js'

/** A concept, a section, a sub-step, with what is below it. */
export interface Item {
  id: string
  title: string
  status: 'started' | 'completed' | 'failed'
  /** What it belongs to: an item's id, or a name that is no item. */
  parent: string | null
  data: unknown
  children: Item[]
}

/** What a task's events come to. Immutable; parts that have not changed stay the same objects. */
export interface TaskView {
  /** Null before the first event. */
  status: TaskStatus | null
  kind: string | null
  labels: Record<string, string>
  attempt: number
  progress: Progress | null
  /** Streamed text by channel. */
  text: Record<string, string>
  /** Those without an item above them; in order of appearance. */
  items: Item[]
  /** The newest of each name. */
  artifacts: Record<string, { contentType: string; value: unknown }>
  batches: Record<string, EventData['batch']>
  /** The newest 100. */
  debug: EventData['debug'][]
  /** What waits for a decision. */
  review: PendingReview | null
  /** Set while a broken try waits for its next one. */
  retrying: EventData['retrying'] | null
  result: unknown
  /** Set where the result was too large for an event: see `getResult`. */
  resultBytes: number | null
  error: TaskFailure | null
  cancelled: EventData['cancelled'] | null
}

export const emptyView: TaskView = {
  status: null,
  kind: null,
  labels: {},
  attempt: 0,
  progress: null,
  text: {},
  items: [],
  artifacts: {},
  batches: {},
  debug: [],
  review: null,
  retrying: null,
  result: undefined,
  resultBytes: null,
  error: null,
  cancelled: null,
}

const mostDebug = 100

interface Text {
  all: string
  /** Ends of the pieces in `all`, and the `seq` of each: what a retry goes back to. */
  ends: number[]
  seqs: number[]
}

type Logged<Type extends 'item' | 'artifact'> = { seq: number; data: EventData[Type] }

/** Folds events, in order, into a view. Knows nothing of connections. */
export class Fold {
  private plain: TaskView = emptyView
  private texts = new Map<string, Text>()
  private items: Logged<'item'>[] = []
  private artifacts: Logged<'artifact'>[] = []
  private stale = new Set<'text' | 'items' | 'artifacts'>()

  /** Everything is forgotten. */
  reset(): void {
    this.plain = emptyView
    this.texts.clear()
    this.items = []
    this.artifacts = []
    this.stale.clear()
  }

  /** For a viewer that begins in the middle: what the snapshot says of what came before. */
  seed(task: TaskSnapshot): void {
    const { status, kind, labels, attempt, progress, pending_review: review } = task
    this.plain = { ...this.plain, status, kind, labels, attempt, progress, review }
  }

  apply({ type, seq, data }: TaskEvent): void {
    const set = (change: Partial<TaskView>) => {
      this.plain = { ...this.plain, ...change }
    }
    switch (type) {
      case 'created':
        return set({ status: 'queued', kind: data.kind, labels: data.labels ?? {} })
      case 'started':
        return set({ status: 'running', attempt: data.attempt, retrying: null })
      case 'progress':
        return set({ progress: data })
      case 'token': {
        let text = this.texts.get(data.channel)
        if (!text) this.texts.set(data.channel, (text = { all: '', ends: [], seqs: [] }))
        text.all += data.delta
        text.ends.push(text.all.length)
        text.seqs.push(seq)
        this.stale.add('text')
        return
      }
      case 'item':
        this.items.push({ seq, data })
        this.stale.add('items')
        return
      case 'artifact':
        this.artifacts.push({ seq, data })
        this.stale.add('artifacts')
        return
      case 'batch':
        return set({ batches: { ...this.plain.batches, [data.batch]: data } })
      case 'debug':
        return set({ debug: [...this.plain.debug, data].slice(-mostDebug) })
      case 'review_required':
        return set({ status: 'awaiting_review', review: data })
      case 'review_resolved':
        return set({ status: 'running', review: null })
      case 'retrying':
        this.supersede(data.supersedes_after)
        return set({ status: 'queued', retrying: data, review: null, progress: data.reason === 'interrupted' ? this.plain.progress : null })
      case 'completed':
        return set({ status: type, progress: this.plain.progress && { ...this.plain.progress, percent: 100 }, result: data.result, resultBytes: data.result_bytes ?? null, ...over })
      case 'failed':
        return set({ status: type, error: data.error, ...over })
      case 'cancelled':
        return set({ status: type, cancelled: data, ...over })
    }
  }

  /** The view now. */
  view(): TaskView {
    if (this.stale.size) {
      const change: Partial<TaskView> = {}
      if (this.stale.has('text')) change.text = Object.fromEntries([...this.texts].map(([channel, { all }]) => [channel, all]))
      if (this.stale.has('items')) change.items = tree(this.items)
      if (this.stale.has('artifacts')) {
        change.artifacts = Object.fromEntries(this.artifacts.map(({ data }) => [data.name, { contentType: data.content_type, value: data.value }]))
      }
      this.stale.clear()
      this.plain = { ...this.plain, ...change }
    }
    return this.plain
  }

  /** What came after `seq` belongs to a broken try: text, items and artifacts of it go. */
  private supersede(seq: number): void {
    for (const [channel, text] of this.texts) {
      let n = text.seqs.length
      while (n && text.seqs[n - 1]! > seq) n--
      text.seqs.length = text.ends.length = n
      text.all = text.all.slice(0, text.ends[n - 1] ?? 0)
      if (!n) this.texts.delete(channel)
    }
    const kept = (event: { seq: number }) => event.seq <= seq
    this.items = this.items.filter(kept)
    this.artifacts = this.artifacts.filter(kept)
    for (const part of ['text', 'items', 'artifacts'] as const) this.stale.add(part)
  }
}

const over = { review: null, retrying: null }

const tree = (events: Logged<'item'>[]): Item[] => {
  const all = new Map<string, Item>()
  for (const { data } of events) {
    const known = all.get(data.item_id)
    all.set(data.item_id, {
      id: data.item_id,
      title: data.title ?? known?.title ?? '',
      status: data.status,
      parent: data.parent ?? known?.parent ?? null,
      data: data.data ?? known?.data ?? null,
      children: [],
    })
  }
  const above = (item: Item) => (item.parent === null ? undefined : all.get(item.parent))
  const roots: Item[] = []
  for (const item of all.values()) {
    // An item that is its own ancestor stands at the top: nothing is lost.
    let up = above(item)
    for (let n = 0; up && up !== item && n < all.size; n++) up = above(up)
    if (up) roots.push(item)
    else (above(item)?.children ?? roots).push(item)
  }
  return roots
}
