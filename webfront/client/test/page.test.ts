import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { FakeLocks, fakePage } from './support/fake-browser.js'
import { inState, stage, until } from './support/watching.js'

const { server: start, watch } = stage()

describe('on a page', () => {
  it('says goodbye with a beacon when it is left, and never cancels', async () => {
    const page = fakePage()
    const server = await start()
    server.task()
    const task = watch(server)
    await inState(task, 'live')
    page.fire('window', 'pagehide', { persisted: false })
    expect(page.beacons).toEqual([{ url: server.url + '/api/v1/cleanup', body: '{"session_id":"s_1"}' }])
    await server.until(() => server.open === 0)
    expect(server.posts).toEqual([])
  })

  it("comes back from the browser's cache where it was, with a new session", async () => {
    const page = fakePage()
    const server = await start()
    const fake = server.task()
    fake.token('a')
    const task = watch(server)
    await inState(task, 'live')
    page.fire('window', 'pagehide', { persisted: true })
    await inState(task, 'idle')
    fake.token('b')
    page.fire('window', 'online')
    expect(server.accepted.length).toBe(1)
    page.fire('window', 'pageshow', { persisted: true })
    await until(task, ({ text }) => text.main === 'ab')
    expect(server.accepted.map(({ query }) => [query.get('after'), query.get('session_id')])).toEqual([
      [null, null],
      ['e1:2', null],
    ])
  })

  it.each([
    ['the network is back', 'window', 'online'],
    ['the user looks at it again', 'document', 'visibilitychange'],
  ] as const)('does not wait for its next try when %s', async (_, target, type) => {
    const page = fakePage()
    const server = await start()
    server.task()
    const task = watch(server, { backoffMs: 60_000, maxBackoffMs: 60_000 })
    await inState(task, 'live')
    server.cut()
    await inState(task, 'reconnecting')
    page.fire(target, type)
    await inState(task, 'live')
    expect(server.accepted.length).toBe(2)
  })

  it('takes a page that is shown for the first time for no return', async () => {
    const locks = new FakeLocks()
    const requested = vi.spyOn(locks, 'request')
    const page = fakePage(locks)
    const server = await start()
    server.task()
    const task = watch(server)
    page.fire('window', 'pageshow', { persisted: false })
    await inState(task, 'live')
    expect(requested).toHaveBeenCalledTimes(1)
  })

  it('says offline while the browser does', async () => {
    const page = fakePage()
    const server = await start()
    server.task()
    const task = watch(server, { maxBackoffMs: 60_000 })
    await inState(task, 'live')
    page.fire('window', 'offline')
    server.cut()
    expect((await inState(task, 'offline')).connection.retryInMs).toBeGreaterThan(30_000)
    page.fire('window', 'online')
    await inState(task, 'live')
  })

  it('asks before leaving only where that is wanted, and only while the work is unfinished', async () => {
    const page = fakePage()
    const server = await start()
    const fake = server.task()
    const task = watch(server, { leavePrompt: true })
    expect(page.fire('window', 'beforeunload').defaultPrevented).toBe(false)
    await inState(task, 'live')
    expect(page.fire('window', 'beforeunload').defaultPrevented).toBe(true)
    fake.complete()
    await inState(task, 'ended')
    expect(page.fire('window', 'beforeunload').defaultPrevented).toBe(false)
    const other = watch(server, {}, 't_other0001')
    server.task('t_other0001')
    await inState(other, 'live', 'failed')
    expect(page.fire('window', 'beforeunload').defaultPrevented).toBe(false)
  })

  it('listens for leaving only while it would ask: a listener alone can cost the cache of pages', async () => {
    const page = fakePage()
    const server = await start()
    const listeners = () => getEventListeners(page.window, 'beforeunload').length
    const fake = server.task()
    server.task('t_other0001')
    await inState(watch(server, {}, 't_other0001'), 'live')
    expect(listeners()).toBe(0)
    const task = watch(server, { leavePrompt: true })
    await inState(task, 'live')
    expect(listeners()).toBe(1)
    task.stop()
    expect(listeners()).toBe(0)
    const again = watch(server)
    expect(listeners()).toBe(1)
    fake.complete()
    await inState(again, 'ended')
    expect(listeners()).toBe(0)
  })

  it('leaves nothing behind on the page when nobody watches any more', async () => {
    const page = fakePage()
    const server = await start()
    server.task()
    const task = watch(server)
    await inState(task, 'live')
    task.stop()
    await server.until(() => server.open === 0)
    page.fire('window', 'online')
    page.fire('window', 'pagehide')
    expect(page.beacons).toEqual([])
    expect(server.accepted.length).toBe(1)
  })
})
