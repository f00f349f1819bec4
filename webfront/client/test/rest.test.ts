import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTask, getTask, retryTask } from '../src/index.js'
import type { FakeServer } from './support/fake-server.js'
import { stage } from './support/watching.js'

const { server: start } = stage()
afterEach(() => vi.useRealTimers())

/** Turns the clock, a little at a time as requests take real time, until that many have come. */
const turnClock = async (server: FakeServer, posts: number) => {
  while (server.posts.length < posts) {
    await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(10)
  }
}

const echo = { kind: 'echo', input: { count: 1 } }

describe('a call', () => {
  it('that may work later is repeated, three times at most, as the same request', async () => {
    const server = await start()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    server.troubles = [{ drop: true }, { refuse: 503, word: 'unavailable', retry: 'reconnect' }]
    const created = createTask(echo, { url: server.url })
    await turnClock(server, 3)
    expect((await created).task_id).toBe('t_created1')
    expect(server.posts.length).toBe(3)
    expect(new Set(server.posts.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(server.posts[0]!.headers['idempotency-key']!.length).toBeGreaterThan(20)

    server.troubles = Array(9).fill({ refuse: 503, word: 'unavailable', retry: 'reconnect' })
    const refused = createTask(echo, { url: server.url }).catch((error: unknown) => error)
    await turnClock(server, 7)
    expect(await refused).toMatchObject({ code: 'unavailable', status: 503, retry: 'reconnect' })
    expect(server.posts.length).toBe(7)
  })

  it('that is refused for good is not repeated, and says what is wrong', async () => {
    const server = await start()
    server.troubles = [{ refuse: 422, word: 'invalid_input' }]
    await expect(createTask(echo, { url: server.url })).rejects.toMatchObject({
      name: 'HoldfastError',
      code: 'invalid_input',
      field: 'input.count',
      retry: 'stop',
    })
    expect(server.posts.length).toBe(1)
  })

  it('that would do it twice is not repeated', async () => {
    const server = await start()
    server.troubles = [{ drop: true }]
    await expect(retryTask('t_00000001', { url: server.url })).rejects.toMatchObject({ code: 'unreachable', status: null })
    expect(server.posts.length).toBe(1)
  })

  it('sends the headers that it is given, asked for anew each time', async () => {
    const server = await start()
    let n = 0
    const headers = async () => ({ authorization: `Bearer ${++n}` })
    await createTask(echo, { url: server.url + '/', headers, idempotencyKey: 'mine' })
    await createTask(echo, { url: server.url, headers })
    expect(server.posts.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2'])
    expect(server.posts[0]).toMatchObject({ path: '/api/v1/tasks', body: echo, headers: { 'idempotency-key': 'mine', 'content-type': 'application/json' } })
  })

  it("judges what is no answer of Holdfast's by its status", async () => {
    const server = await start()
    const html =
      (status: number): typeof fetch =>
      async () =>
        new Response('<h1>proxy</h1>', { status })
    await expect(getTask('t', { url: server.url, fetch: html(404) })).rejects.toMatchObject({ code: 'http_404', retry: 'stop' })
    await expect(retryTask('t', { url: server.url, fetch: html(502) })).rejects.toMatchObject({ code: 'http_502', retry: 'reconnect' })
  })
})
