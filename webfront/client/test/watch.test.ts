import { afterEach, describe, expect, it, vi } from 'vitest'
import type { TransportName } from '../src/policy.js'
import { inState, stage, until } from './support/watching.js'

const { server: start, watch } = stage()
const all: TransportName[] = ['websocket', 'sse', 'poll']
const transports = (server: Awaited<ReturnType<typeof start>>) => server.accepted.map(({ transport }) => transport)

afterEach(() => vi.restoreAllMocks())

describe.each(all)('over %s', (name) => {
  it('tells history, then what comes, then the end', async () => {
    const server = await start()
    const fake = server.task()
    fake.token('Hello ')
    const task = watch(server, { transports: [name] })
    await inState(task, name === 'poll' ? 'polling' : 'live')
    expect(task.state).toMatchObject({ status: 'queued', text: { main: 'Hello ' }, cursor: 'e1:2', kind: 'fake' })
    fake.token('world')
    fake.complete({ done: 1 })
    await inState(task, 'ended')
    expect(task.state).toMatchObject({ status: 'completed', text: { main: 'Hello world' }, result: { done: 1 }, cursor: 'e1:4' })
  })

  it('goes on where it was after a cut, with the cursor, and asks for nothing twice', async () => {
    const server = await start()
    const fake = server.task()
    const seen: number[] = []
    const task = watch(server, { transports: [name], onEvent: (event) => 'seq' in event && seen.push(event.seq) })
    fake.token('a')
    await until(task, ({ text }) => text.main === 'a')
    server.cut()
    fake.token('b')
    await until(task, ({ text }) => text.main === 'ab')
    expect(server.accepted.at(-1)!.query.get('after')).toMatch(/^e1:[23]$/)
    expect(seen).toEqual([1, 2, 3])
    expect(task.log.some(({ state, try: tries }) => state === 'reconnecting' && tries === 1)).toBe(true)
  })

  it('asks once about a task that is not there, and says so', async () => {
    const server = await start()
    const task = watch(server, { transports: [name] }, 't_nowhere1')
    const { connection } = await inState(task, 'failed')
    expect(connection).toMatchObject({ state: 'failed', reason: 'task_not_found', code: name === 'websocket' ? 4404 : 404, retryInMs: null })
    expect(connection.meaning).toBeTruthy()
    expect(server.accepted.length).toBeLessThanOrEqual(1)
  })

  it('begins again when the log is another one', async () => {
    const server = await start()
    const fake = server.task()
    fake.token('old')
    const task = watch(server, { transports: [name] })
    await until(task, ({ text }) => text.main === 'old')
    fake.renew()
    fake.token('new')
    server.cut()
    await until(task, ({ text }) => text.main === 'new')
    expect(task.state.cursor).toBe('e2:2')
  })

  it('stops when the task is over, and stays stopped', async () => {
    const server = await start()
    server.task().complete()
    const task = watch(server, { transports: [name] })
    await inState(task, 'ended')
    await server.until(() => server.open === 0)
    const connects = server.accepted.length
    task.reconnect()
    expect(task.state.connection.state).toBe('ended')
    expect(server.accepted.length).toBe(connects)
  })
})

describe('a watched task', () => {
  it('has one connection however often it is asked for', async () => {
    const server = await start()
    const fake = server.task()
    const tasks = Array.from({ length: 20 }, () => watch(server))
    await Promise.all(tasks.map((task) => inState(task, 'live')))
    tasks.slice(1).forEach((task) => task.stop())
    fake.token('x')
    await until(tasks[0]!, ({ text }) => text.main === 'x')
    expect(server.accepted.length).toBe(1)
  })

  it('keeps its connection for a component that is unmounted and mounted again', async () => {
    const server = await start()
    server.task()
    const first = watch(server, { lingerMs: 5000 })
    first.stop()
    const second = watch(server)
    await inState(second, 'live')
    second.stop()
    const third = watch(server, { lingerMs: 1 })
    expect(third.state.connection.state).toBe('live')
    expect(server.accepted.length).toBe(1)
    third.stop()
  })

  it('lets the connection go when the last watcher stops, with a goodbye', async () => {
    const server = await start()
    server.task()
    const task = watch(server)
    await inState(task, 'live')
    expect(server.open).toBe(1)
    task.stop()
    task.stop()
    await server.until(() => server.open === 0)
    expect(server.byes).toBe(1)
  })

  it('notifies once for many events', async () => {
    const server = await start()
    const fake = server.task()
    for (let i = 0; i < 500; i++) fake.token('x')
    const task = watch(server, { compact: false, transports: ['sse'] })
    let notified = 0
    task.subscribe(() => notified++)
    await until(task, ({ text }) => text.main?.length === 500)
    expect(notified).toBeLessThan(50)
  })

  it('lets one broken listener hurt nobody else', async () => {
    const server = await start()
    const fake = server.task()
    const faults: unknown[] = []
    const onFault = (error: unknown) => faults.push(error)
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', onFault)
    try {
      watch(server, {
        onEvent: () => {
          throw new Error('mine')
        },
      })
      const task = watch(server)
      fake.token('x')
      await until(task, ({ text }) => text.main === 'x')
      expect(server.accepted.length).toBe(1)
      await vi.waitFor(() => expect(faults.length).toBeGreaterThan(0), { timeout: 10_000 })
    } finally {
      process.removeListener('uncaughtException', onFault)
      others.forEach((one) => process.on('uncaughtException', one))
    }
  })

  it('stays on its transport while each connection brings something, however often it is cut', async () => {
    const server = await start()
    const fake = server.task()
    const task = watch(server)
    for (let text = 'a'; text.length < 8; text += 'a') {
      fake.token('a')
      await until(task, (state) => state.text.main === text)
      server.cut()
    }
    await inState(task, 'reconnecting')
    await inState(task, 'live')
    expect(new Set(transports(server))).toEqual(new Set(['websocket']))
  })

  it('falls from WebSocket to SSE to polling, and goes back up when it can', async () => {
    const server = await start()
    const fake = server.task()
    server.block('websocket', 'sse')
    const task = watch(server, { silenceMs: 60_000 })
    await inState(task, 'polling')
    expect(transports(server)).toEqual([...Array(4).fill('websocket'), ...Array(4).fill('sse'), ...Array(transports(server).length - 8).fill('poll')])
    fake.token('a')
    await until(task, ({ text }) => text.main === 'a')
    server.unblock('sse')
    await until(task, ({ connection }) => connection.transport === 'sse' && connection.state === 'live')
    server.unblock('websocket')
    await until(task, ({ connection }) => connection.transport === 'websocket' && connection.state === 'live')
    fake.token('b')
    await until(task, ({ text }) => text.main === 'ab')
    expect(server.open).toBe(1)
  })

  it('polls no more often than there is something to tell', async () => {
    const server = await start()
    const fake = server.task()
    const task = watch(server, { transports: ['poll'], pollHoldMs: 20_000 })
    await inState(task, 'polling')
    for (const text of ['a', 'ab', 'abc']) {
      fake.token(text.at(-1)!)
      await until(task, (state) => state.text.main === text)
    }
    await server.until(() => server.accepted.length === 5)
    expect(task.log.map(({ state }) => state)).toEqual(['connecting', 'catching_up', 'polling'])
  })

  it('uses SSE where there is no WebSocket class', async () => {
    const server = await start()
    server.task()
    vi.stubGlobal('WebSocket', undefined)
    const { watchTask } = await import('../src/index.js')
    const task = watchTask('t_00000001', { url: server.url, lingerMs: 1 })
    await inState(task, 'live')
    expect(transports(server)).toEqual(['sse'])
    task.stop()
  })

  it('comes back at once after a half-open socket that a heartbeat found', async () => {
    const server = await start()
    const fake = server.task()
    server.heartbeatMs = 30
    server.script('websocket', { muteAfter: 3 })
    const task = watch(server, { ackTimeoutMs: 30 })
    fake.token('lost on the way')
    await until(task, ({ text }) => text.main === 'lost on the way')
    expect(task.log.map(({ reason }) => reason)).toContain('silent')
  })

  it('notices an event that was lost by the next one, and one that nothing follows by the heartbeat', async () => {
    const server = await start()
    const fake = server.task()
    server.heartbeatMs = 30
    server.script('websocket', { skip: 3 }, { skip: 5 })
    const task = watch(server)
    await inState(task, 'live')
    fake.token('b')
    fake.token('c')
    fake.token('d')
    await until(task, ({ text }) => text.main === 'bcd')
    fake.token('e')
    await until(task, ({ text }) => text.main === 'bcde')
    expect(task.log.filter(({ reason, state }) => reason === 'gap' && state === 'reconnecting').length).toBeGreaterThanOrEqual(2)
  })

  it('takes each event once when the server says it twice', async () => {
    const server = await start()
    const fake = server.task()
    server.script('websocket', { twice: true })
    const seen: number[] = []
    const task = watch(server, { compact: false, onEvent: (event) => 'seq' in event && seen.push(event.seq) })
    fake.token('a')
    fake.token('b')
    await until(task, ({ text }) => text.main === 'ab')
    expect(seen).toEqual([1, 2, 3])
    expect(server.accepted.length).toBe(1)
  })

  it('comes back after a drain when the server wants it, or the user', async () => {
    const server = await start()
    server.task()
    const task = watch(server)
    await inState(task, 'live')
    server.drain(60_000)
    const { connection } = await inState(task, 'reconnecting')
    expect(connection).toMatchObject({ code: 1012, reason: 'draining' })
    expect(connection.retryInMs).toBeGreaterThan(30_000)
    task.reconnect()
    await inState(task, 'live')
  })

  it('obeys a stop verdict on a live connection', async () => {
    const server = await start()
    server.task()
    server.script('websocket', { closeAfter: 3, code: 4409 })
    const task = watch(server)
    const { connection } = await inState(task, 'failed')
    expect(connection.code).toBe(4409)
    server.task().token('unseen')
    expect(server.accepted.length).toBe(1)
    task.reconnect()
    await until(task, ({ text }) => text.main === 'unseen')
  })

  it('is told when the task is deleted', async () => {
    const server = await start()
    server.task()
    const task = watch(server)
    await inState(task, 'live')
    server.delete('t_00000001')
    expect((await inState(task, 'failed')).connection).toMatchObject({ code: 4410, reason: 'task_deleted' })
  })

  it('without automatic reconnect waits for reconnect()', async () => {
    const server = await start()
    server.task()
    const task = watch(server, { autoReconnect: false })
    await inState(task, 'live')
    server.cut()
    expect((await inState(task, 'failed')).connection).toMatchObject({ reason: 'cut', code: 1006 })
    expect(server.accepted.length).toBe(1)
    task.reconnect()
    await inState(task, 'live')
    expect(server.accepted.length).toBe(2)
  })

  it('resumes its session', async () => {
    const server = await start()
    server.task()
    const task = watch(server)
    await inState(task, 'live')
    server.cut()
    await inState(task, 'reconnecting')
    await inState(task, 'live')
    expect(server.accepted.map(({ query }) => query.get('session_id'))).toEqual([null, 's_1'])
  })

  it('asks for a ticket at each connect and sends headers where they can be sent', async () => {
    const server = await start()
    server.task()
    let n = 0
    const task = watch(server, { ticket: () => `k${++n}`, headers: async () => ({ authorization: 'Bearer x' }) })
    await inState(task, 'live')
    server.block('websocket')
    server.cut()
    await until(task, ({ connection }) => connection.transport === 'sse' && connection.state === 'live')
    expect(server.accepted[0]!.query.get('ticket')).toBe('k1')
    expect(server.accepted[1]!.query.get('ticket')).toBe('k2')
    expect(server.accepted.at(-1)!.headers.authorization).toBe('Bearer x')
  })

  it('begins now, or after a cursor, where that is asked for', async () => {
    const server = await start()
    const fake = server.task()
    fake.append('review_required', { review_id: 'r1', prompt: 'ok?', payload: null, expires_at: null })
    fake.token('before ')
    const now = watch(server, { from: 'now' })
    const after = watch(server, { from: 'e1:2' })
    await inState(now, 'live')
    await inState(after, 'live')
    fake.token('after')
    await until(now, ({ text }) => text.main === 'after')
    await until(after, ({ text }) => text.main === 'before after')
    expect(now.state).toMatchObject({ kind: 'fake', status: 'running', pendingReview: { review_id: 'r1' } })
    server.cut()
    fake.token('!')
    await until(now, ({ text }) => text.main === 'after!')
  })

  it.each(all)('has ended when it begins at the end of a finished task, over %s', async (name) => {
    const server = await start()
    const fake = server.task()
    fake.token('x')
    fake.complete()
    const task = watch(server, { transports: [name], from: 'e1:3' })
    expect((await inState(task, 'ended')).cursor).toBe('e1:3')
    expect(server.accepted.length).toBe(1)
  })

  it.each(all)('does not believe that it is over before the last event has come, over %s', async (name) => {
    const server = await start()
    const fake = server.task()
    server.script(name, { skip: 2 })
    const task = watch(server, { transports: [name] })
    fake.complete('result')
    expect((await inState(task, 'ended')).result).toBe('result')
  })

  it('cancels and answers the pending review over HTTP', async () => {
    const server = await start()
    const fake = server.task()
    const task = watch(server)
    await inState(task, 'live')
    await expect(task.review({ decision: 'approve' })).rejects.toMatchObject({ code: 'review_not_pending', retry: 'stop' })
    fake.append('review_required', { review_id: 'r7', prompt: 'ok?', payload: null, expires_at: null })
    await until(task, ({ pendingReview }) => !!pendingReview)
    await task.review({ decision: 'revise', edits: { a: 1 } })
    await task.cancel('enough')
    expect(server.posts.map(({ path, body }) => ({ path, body }))).toEqual([
      { path: '/api/v1/tasks/t_00000001/review', body: { review_id: 'r7', decision: 'revise', edits: { a: 1 } } },
      { path: '/api/v1/tasks/t_00000001/cancel', body: { reason: 'enough' } },
    ])
    expect((await inState(task, 'ended')).cancelled).toEqual({ reason: 'enough', by: 'anonymous' })
  })
})
