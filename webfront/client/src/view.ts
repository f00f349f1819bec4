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
  pendingReview: PendingReview | null
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
  pendingReview: null,
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
export interface Fold {
  apply(event: TaskEvent): void
  /** Everything is forgotten. */
  reset(): void
  /** For a viewer that begins in the middle: what the snapshot says of what came before. */
  seed(task: TaskSnapshot): void
  view(): TaskView
}

export const createFold = (): Fold => {
  let view = emptyView
  let texts = new Map<string, Text>()
  let items: Logged<'item'>[] = []
  let artifacts: Logged<'artifact'>[] = []
  /** Parts of the view that are behind. */
  let stale = new Set<'text' | 'items' | 'artifacts'>()

  const set = (change: Partial<TaskView>) => {
    view = { ...view, ...change }
  }
  /** What came after `seq` belongs to a broken try: text, items and artifacts of it go. */
  const supersede = (seq: number) => {
    for (const [channel, text] of texts) {
      let n = text.seqs.length
      while (n && text.seqs[n - 1]! > seq) n--
      text.seqs.length = text.ends.length = n
      text.all = text.all.slice(0, text.ends[n - 1] ?? 0)
      if (!n) texts.delete(channel)
    }
    const kept = (event: { seq: number }) => event.seq <= seq
    items = items.filter(kept)
    artifacts = artifacts.filter(kept)
    stale = new Set(['text', 'items', 'artifacts'])
  }
  return {
    apply({ type, seq, data }) {
      switch (type) {
        case 'created':
          return set({ status: 'queued', kind: data.kind, labels: data.labels ?? {} })
        case 'started':
          return set({ status: 'running', attempt: data.attempt, retrying: null })
        case 'progress':
          return set({ progress: data })
        case 'token': {
          let text = texts.get(data.channel)
          if (!text) texts.set(data.channel, (text = { all: '', ends: [], seqs: [] }))
          text.all += data.delta
          text.ends.push(text.all.length)
          text.seqs.push(seq)
          stale.add('text')
          return
        }
        case 'item':
          items.push({ seq, data })
          stale.add('items')
          return
        case 'artifact':
          artifacts.push({ seq, data })
          stale.add('artifacts')
          return
        case 'batch':
          return set({ batches: { ...view.batches, [data.batch]: data } })
        case 'debug':
          return set({ debug: [...view.debug, data].slice(-mostDebug) })
        case 'review_required':
          return set({ status: 'awaiting_review', pendingReview: data })
        case 'review_resolved':
          return set({ status: 'running', pendingReview: null })
        case 'retrying':
          supersede(data.supersedes_after)
          return set({ status: 'queued', retrying: data, pendingReview: null, progress: data.reason === 'interrupted' ? view.progress : null })
        case 'completed':
          return set({
            ...over,
            status: type,
            progress: view.progress && { ...view.progress, percent: 100 },
            result: data.result,
            resultBytes: data.result_bytes ?? null,
          })
        case 'failed':
          return set({ ...over, status: type, error: data.error })
        case 'cancelled':
          return set({ ...over, status: type, cancelled: data })
      }
    },
    reset() {
      view = emptyView
      texts = new Map()
      items = []
      artifacts = []
    },
    seed({ status, kind, labels, attempt, progress, pending_review: pendingReview }) {
      set({ status, kind, labels, attempt, progress, pendingReview })
    },
    view() {
      if (stale.has('text')) set({ text: Object.fromEntries([...texts].map(([channel, { all }]) => [channel, all])) })
      if (stale.has('items')) set({ items: tree(items) })
      if (stale.has('artifacts'))
        set({ artifacts: Object.fromEntries(artifacts.map(({ data }) => [data.name, { contentType: data.content_type, value: data.value }])) })
      stale.clear()
      return view
    },
  }
}

const over = { pendingReview: null, retrying: null }

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
