/**
 * The real client against a real server, at HOLDFAST_URL (`npm run test:contract`). What the other tests believe of a server's words is checked
 * here. Each test makes tasks of its own.
 */
import { afterEach, describe, expect, it } from 'vitest'
import {
  createFold,
  createTask,
  deleteTask,
  getResult,
  getTask,
  HoldfastError,
  listTasks,
  retryTask,
  type TaskEvent,
  type WatchedTask,
  type WatchOptions,
  watchMonitor,
  watchTask,
  watchTasks,
} from '../../src/index.js'
import type { TransportName } from '../../src/policy.js'
import { proxy } from '../support/proxy.js'
import { inState, NodeSocket, quick, until } from '../support/watching.js'

const url = process.env.HOLDFAST_URL ?? ''
const all: TransportName[] = ['websocket', 'sse', 'poll']
const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const one of cleanup.splice(0)) await one()
})

const echo = (input: object, more: object = {}) => createTask({ kind: 'echo', input, ...more }, { url })
const watch = (taskId: string, options: WatchOptions = {}): WatchedTask => {
  const task = watchTask(taskId, { url, webSocket: NodeSocket, ...quick, ...options })
  cleanup.push(() => task.stop())
  return task
}
const history = async (taskId: string): Promise<TaskEvent[]> => {
  const answer = await fetch(`${url}/api/v1/tasks/${taskId}/events?limit=10000`)
  return ((await answer.json()) as { events: TaskEvent[] }).events
}
const viewOf = (events: TaskEvent[]) => {
  const fold = createFold()
  events.forEach(fold.apply)
  return fold.view()
}

describe.skipIf(!url)('with a real server', () => {
  it.each(all)('watches a task from its start to its end over %s, through a failed attempt', async (name) => {
    const { task_id } = await echo({ count: 60, interval_ms: 2, size: 20, fail_at: 30 })
    const task = watch(task_id, { transports: [name] })
    const state = await inState(task, 'ended')
    const events = await history(task_id)
    expect(state).toMatchObject(viewOf(events))
    expect(state).toMatchObject({ status: 'completed', attempt: 2, cursor: `${state.task!.epoch}:${events.length}`, result: { count: 60 } })
    const numbers = state.text.main!.match(/.{20}/g)!.map((token) => parseInt(token))
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  })

  it.each(all)('shows a finished task at once over %s, and one that begins at its end', async (name) => {
    const { task_id } = await echo({ count: 500, interval_ms: 0, size: 10 })
    const first = await inState(watch(task_id, { transports: [name] }), 'ended')
    expect(first).toMatchObject(viewOf(await history(task_id)))
    const again = await inState(watch(task_id, { transports: [name], from: first.cursor! }), 'ended')
    expect(again).toMatchObject({ cursor: first.cursor, text: {} })
  })

  it.each(all)('asks once about a task that is not there, over %s', async (name) => {
    const lines: string[] = []
    const task = watch('t_nowhere_at_all_' + name, { transports: [name], onTransition: ({ state }) => lines.push(state) })
    const { connection } = await inState(task, 'failed')
    expect(connection).toMatchObject({ reason: 'task_not_found', code: name === 'websocket' ? 4404 : 404 })
    expect(connection.meaning).toContain('t_nowhere_at_all')
    expect(lines).toEqual(['connecting', 'failed'])
  })

  it('has the same view whatever is cut on the way, and falls down and climbs up the transports', async () => {
    const between = await proxy(url)
    cleanup.push(() => between.close())
    const { task_id } = await echo({ count: 400, interval_ms: 5, size: 12, fail_at: 200 })
    const used = new Set<string>()
    const seqs: number[] = []
    const task = watch(task_id, {
      url: between.url,
      compact: false,
      onEvent: (event) => 'seq' in event && seqs.push(event.seq),
      onTransition: ({ transport, state }) => state === 'catching_up' && used.add(transport),
    })
    for (const length of [200, 600, 1100, 1700]) {
      await until(task, ({ text, status }) => (text.main?.length ?? 0) >= length || status === 'completed')
      between.refuse = true
      between.cut()
      await until(task, ({ connection }) => connection.transport !== 'websocket')
      between.refuse = false
    }
    const state = await inState(task, 'ended')
    const events = await history(task_id)
    expect(state).toMatchObject(viewOf(events))
    expect(seqs).toEqual(events.map(({ seq }) => seq))
    expect(used.size).toBeGreaterThan(1)
  })

  it('iterates over each event once, whenever the reader comes', async () => {
    const { task_id } = await echo({ count: 200, interval_ms: 1, size: 10 })
    const task = watch(task_id, { compact: false })
    await until(task, ({ text }) => (text.main?.length ?? 0) > 500)
    const seqs: number[] = []
    for await (const event of task) if ('seq' in event) seqs.push(event.seq)
    expect(seqs).toEqual((await history(task_id)).map(({ seq }) => seq))
  })

  it('waits for a review, answers it, and cancels', async () => {
    const { task_id } = await echo({ count: 400, interval_ms: 10, review_at: 3 })
    const task = watch(task_id)
    const { pendingReview } = await until(task, ({ status }) => status === 'awaiting_review')
    const joined = await until(watch(task_id, { from: 'now' }), ({ pendingReview }) => !!pendingReview)
    expect(joined.pendingReview).toMatchObject({ review_id: pendingReview!.review_id })
    await task.review({ decision: 'approve' })
    await until(task, ({ status }) => status === 'running')
    await task.cancel('enough')
    expect((await inState(task, 'ended')).cancelled).toMatchObject({ reason: 'enough' })
  })

  it('makes one task of one key, refuses with a code, and starts anew what has failed', async () => {
    const idempotencyKey = 'k' + Date.now()
    const [a, b] = await Promise.all([1, 2].map(() => createTask({ kind: 'echo', input: { count: 0 } }, { url, idempotencyKey })))
    expect(a!.task_id).toBe(b!.task_id)
    const refused = await echo({ count: -1 }).catch((error: unknown) => error as HoldfastError)
    expect(refused).toBeInstanceOf(HoldfastError)
    expect(refused).toMatchObject({ code: 'invalid_input', status: 422, retry: 'stop' })
    const { task_id } = await echo({ count: 5, interval_ms: 0, fail_at: 1, fail_times: 9 }, { max_attempts: 1 })
    expect((await inState(watch(task_id), 'ended')).error).toMatchObject({ code: 'echo_failed' })
    const again = await retryTask(task_id, { url })
    expect(again).toMatchObject({ retry_of: task_id })
    await expect(getResult(task_id, { url })).rejects.toMatchObject({ code: 'task_failed', retry: 'stop' })
  })

  it('counts as one viewer, and as none when it has stopped', async () => {
    const { task_id } = await echo({ count: 1000, interval_ms: 100 })
    const task = watch(task_id)
    watch(task_id)
    await inState(task, 'live')
    expect((await getTask(task_id, { url })).viewers).toBe(1)
    for (const stop of cleanup.splice(0)) stop()
    await expect.poll(async () => (await getTask(task_id, { url })).viewers, { timeout: 10_000 }).toBe(0)
    await watch(task_id).cancel()
  })

  it('does not find a task that was deleted', async () => {
    const { task_id } = await echo({ count: 3, interval_ms: 0 })
    await inState(watch(task_id), 'ended')
    await deleteTask(task_id, { url })
    await expect(getTask(task_id, { url })).rejects.toMatchObject({ code: 'task_not_found' })
    const { connection } = await inState(watch(task_id, { shareTabs: false, from: 'now' }), 'failed')
    expect(connection.reason).toBe('task_not_found')
  })

  it('lists tasks, live', async () => {
    const mark = 'm' + Date.now()
    const list = watchTasks({ status: 'active', labels: { mark } }, { url, ...quick })
    cleanup.push(() => list.stop())
    const shows = (n: number) =>
      new Promise<void>((done) => {
        const look = () => list.state.loaded && list.state.tasks.length === n && (off(), done())
        const off = list.subscribe(look)
        queueMicrotask(look)
      })
    await shows(0)
    const { task_id } = await echo({ count: 1000, interval_ms: 100 }, { labels: { mark } })
    await shows(1)
    expect((await listTasks({ labels: { mark } }, { url })).tasks.map((task) => task.task_id)).toEqual([task_id])
    await watch(task_id).cancel()
    await shows(0)
  })

  it('has the figures of the monitor', async () => {
    const monitor = watchMonitor({ url, ...quick })
    cleanup.push(() => monitor.stop())
    await new Promise<void>((done) => {
      const off = monitor.subscribe(() => monitor.state.figures && (off(), done()))
    })
    const { figures, connection } = monitor.state
    expect(connection).toMatchObject({ state: 'live', transport: 'sse' })
    expect(figures!.fronts.map(({ id }) => id)).toContain(figures!.front)
    expect(figures!.work.appends_within.length).toBeGreaterThan(0)
  })
})
