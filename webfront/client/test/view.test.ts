import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFold, type TaskView } from '../src/view.js'
import type { EventData, TaskEvent } from '../src/wire.js'

const log = () => {
  const events: TaskEvent[] = []
  return {
    events,
    add<Type extends keyof EventData>(type: Type, data: EventData[Type]): number {
      events.push({ type, task_id: 't', seq: events.length + 1, ts: '', data } as TaskEvent)
      return events.length
    },
  }
}
const viewOf = (events: TaskEvent[]): TaskView => {
  const fold = createFold()
  events.forEach(fold.apply)
  return fold.view()
}
const item = (item_id: string, parent: string | null = null, status: EventData['item']['status'] = 'started', title = item_id) => ({
  item_id,
  title,
  status,
  parent,
  data: null,
})

describe('the view of a task', () => {
  it('has the text of each channel, the newest artifacts, the result', () => {
    const { events, add } = log()
    add('created', { kind: 'k', labels: { user: 'u' } })
    add('started', { attempt: 1, worker: 'w' })
    add('token', { channel: 'a', delta: 'Hel' })
    add('token', { channel: 'b', delta: '1' })
    add('token', { channel: 'a', delta: 'lo' })
    add('artifact', { name: 'plan', content_type: 'application/json', value: 1 })
    add('artifact', { name: 'plan', content_type: 'application/json', value: 2 })
    add('batch', { batch: 'x', of: 2, done: 1, failed: 0, total: 5 })
    add('progress', { percent: 50, stage: 's', message: null, current: 1, total: 2 })
    add('completed', { result: { ok: true } })
    expect(viewOf(events)).toMatchObject({
      status: 'completed',
      kind: 'k',
      labels: { user: 'u' },
      text: { a: 'Hello', b: '1' },
      artifacts: { plan: { value: 2 } },
      batches: { x: { done: 1 } },
      progress: { percent: 100 },
      result: { ok: true },
    })
  })

  it('drops text, items and artifacts of a superseded try, and only those after the point it names', () => {
    const { events, add } = log()
    add('created', { kind: 'k', labels: {} })
    add('started', { attempt: 1, worker: null })
    add('token', { channel: 'main', delta: 'kept ' })
    add('item', item('a'))
    const point = add('artifact', { name: 'n', content_type: 't', value: 'kept' })
    add('token', { channel: 'main', delta: 'dropped' })
    add('token', { channel: 'other', delta: 'dropped' })
    add('item', item('a', null, 'completed'))
    add('item', item('b'))
    add('artifact', { name: 'n', content_type: 't', value: 'dropped' })
    add('retrying', { attempt: 2, reason: 'boom', delay_ms: 0, supersedes_after: point })
    add('started', { attempt: 2, worker: null })
    add('token', { channel: 'main', delta: 'again' })
    const view = viewOf(events)
    expect(view.text).toEqual({ main: 'kept again' })
    expect(view.items).toMatchObject([{ id: 'a', status: 'started' }])
    expect(view.artifacts.n!.value).toBe('kept')
    expect(view).toMatchObject({ status: 'running', attempt: 2, retrying: null })
  })

  it('makes a tree of the items, and keeps those whose parent is no item or stands below them', () => {
    const { events, add } = log()
    add('item', item('leaf', 'branch'))
    add('item', item('branch', 'root'))
    add('item', item('root', 'a stage that is no item'))
    add('item', item('x', 'y'))
    add('item', item('y', 'x'))
    add('item', item('self', 'self'))
    const { items } = viewOf(events)
    expect(items.map(({ id }) => id)).toEqual(['root', 'x', 'y', 'self'])
    expect(items[0]!.children[0]!.children[0]!.id).toBe('leaf')
  })

  it('shows a pending review until it is resolved or the task ends', () => {
    const { events, add } = log()
    const review = { review_id: 'r1', prompt: '?', payload: {}, expires_at: null }
    add('review_required', review)
    expect(viewOf(events)).toMatchObject({ status: 'awaiting_review', pendingReview: review })
    add('cancelled', { reason: null, by: null })
    expect(viewOf(events)).toMatchObject({ status: 'cancelled', pendingReview: null })
  })

  it('keeps the parts that have not changed the same objects', () => {
    const fold = createFold()
    const { events, add } = log()
    add('token', { channel: 'main', delta: 'x' })
    add('item', item('a'))
    events.forEach(fold.apply)
    const before = fold.view()
    expect(fold.view()).toBe(before)
    fold.apply({ type: 'token', task_id: 't', seq: 3, ts: '', data: { channel: 'main', delta: 'y' } })
    const after = fold.view()
    expect(after.text).toEqual({ main: 'xy' })
    expect(after.items).toBe(before.items)
  })

  it('keeps no more than 100 debug messages, and ignores types that it does not know', () => {
    const { events, add } = log()
    for (let i = 0; i < 150; i++) add('debug', { message: String(i), level: 'info' })
    events.push({ type: 'roadmap.stage', task_id: 't', seq: 151, ts: '', data: 1 })
    const { debug } = viewOf(events)
    expect([debug.length, debug[0]!.message, debug.at(-1)!.message]).toEqual([100, '50', '149'])
  })

  it('is the same however often it was looked at on the way', () => {
    const piece = fc.oneof(
      fc.record({ type: fc.constant('token'), channel: fc.constantFrom('a', 'b'), delta: fc.string({ maxLength: 4 }) }),
      fc.record({ type: fc.constant('item'), id: fc.constantFrom('1', '2', '3'), parent: fc.constantFrom(null, '1', '2') }),
      fc.record({ type: fc.constant('retrying'), back: fc.nat(10) }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 60 }), (script) => {
        const { events, add } = log()
        const looking = createFold()
        for (const [one, look] of script) {
          if ('delta' in one) add('token', one)
          else if ('id' in one) add('item', item(one.id, one.parent))
          else add('retrying', { attempt: 1, reason: 'interrupted', delay_ms: 0, supersedes_after: Math.max(0, events.length - one.back) })
          looking.apply(events.at(-1)!)
          if (look) looking.view()
        }
        expect(looking.view()).toEqual(viewOf(events))
      }),
    )
  })
})
