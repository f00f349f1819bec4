import { afterEach, describe, expect, it, vi } from 'vitest'
import type { WatchedTask, WatchOptions } from '../src/index.js'
import { FakeLocks, fakePage } from './support/fake-browser.js'
import type { FakeServer } from './support/fake-server.js'
import { inState, NodeSocket, quick, stage, until } from './support/watching.js'

const { server: start } = stage()
const opened: WatchedTask[] = []
afterEach(() => {
  opened.splice(0).forEach((one) => one.stop())
  vi.useRealTimers()
})

/** A tab: the package loaded once more, in a page of its own, with the locks of the browser. */
const tab = async (locks: FakeLocks, server: FakeServer, options: WatchOptions = {}) => {
  vi.resetModules()
  const page = fakePage(locks)
  const { watchTask } = await import('../src/index.js')
  const task = watchTask('t_00000001', { url: server.url, webSocket: NodeSocket, ...quick, ...options })
  opened.push(task)
  return { task, page, leave: () => page.fire('window', 'pagehide', { persisted: false }) }
}

describe('tabs of one browser', () => {
  it('share one connection, and one that opens later has all that was before', async () => {
    const locks = new FakeLocks()
    const server = await start()
    const fake = server.task()
    fake.token('before ')
    const first = await tab(locks, server)
    await inState(first.task, 'live')
    const second = await tab(locks, server)
    const third = await tab(locks, server)
    await until(second.task, ({ text }) => text.main === 'before ')
    fake.token('now')
    for (const { task } of [first, second, third]) await until(task, ({ text }) => text.main === 'before now')
    expect([first, second, third].map(({ task }) => task.state.connection.shared)).toEqual([false, true, true])
    expect(second.task.state.connection.state).toBe('live')
    fake.complete(7)
    for (const { task } of [first, second, third]) expect((await inState(task, 'ended')).result).toBe(7)
    expect(server.accepted.length).toBe(1)
  })

  it('take over from one another: when the leader closes, the next goes on where it is', async () => {
    const locks = new FakeLocks()
    const server = await start()
    const fake = server.task()
    fake.token('a')
    const first = await tab(locks, server)
    await inState(first.task, 'live')
    const second = await tab(locks, server)
    await until(second.task, ({ text }) => text.main === 'a')
    first.leave()
    await until(second.task, ({ connection }) => !connection.shared && connection.state === 'live')
    fake.token('b')
    await until(second.task, ({ text }) => text.main === 'ab')
    expect(server.accepted.map(({ query }) => query.get('after'))).toEqual([null, 'e1:2'])
  })

  it('take over also when the leader only stops watching', async () => {
    const locks = new FakeLocks()
    const server = await start()
    server.task().token('a')
    const first = await tab(locks, server)
    await inState(first.task, 'live')
    const second = await tab(locks, server)
    await until(second.task, ({ text }) => text.main === 'a')
    first.task.stop()
    await until(second.task, ({ connection }) => !connection.shared && connection.state === 'live')
  })

  it('do not try what the leader was refused for good, and reconnect through it', async () => {
    const locks = new FakeLocks()
    const server = await start()
    const fake = server.task()
    server.script('websocket', { refuse: 4403, word: 'forbidden' })
    const first = await tab(locks, server)
    await inState(first.task, 'failed')
    const second = await tab(locks, server)
    expect((await inState(second.task, 'failed')).connection).toMatchObject({ shared: true, reason: 'forbidden' })
    expect(server.accepted.length).toBe(1)
    second.task.reconnect()
    await inState(second.task, 'live')
    fake.token('x')
    await until(second.task, ({ text }) => text.main === 'x')
    expect(server.accepted.length).toBe(2)
    expect(first.task.state.connection.shared).toBe(false)
  })

  it('see the log change under the leader', async () => {
    const locks = new FakeLocks()
    const server = await start()
    const fake = server.task()
    fake.token('old')
    const first = await tab(locks, server)
    const second = await tab(locks, server)
    await until(second.task, ({ text }) => text.main === 'old')
    fake.renew()
    fake.token('new')
    server.cut()
    for (const { task } of [first, second]) await until(task, ({ text, cursor }) => text.main === 'new' && cursor === 'e2:2')
  })

  it('come back from the cache as followers, if another tab has taken over meanwhile', async () => {
    const locks = new FakeLocks()
    const server = await start()
    const fake = server.task()
    const first = await tab(locks, server)
    await inState(first.task, 'live')
    const second = await tab(locks, server)
    await inState(second.task, 'live')
    first.page.fire('window', 'pagehide', { persisted: true })
    await until(second.task, ({ connection }) => !connection.shared && connection.state === 'live')
    fake.token('meanwhile')
    vi.stubGlobal('document', first.page.document)
    vi.stubGlobal('navigator', first.page.navigator)
    first.page.fire('window', 'pageshow', { persisted: true })
    await until(first.task, ({ text, connection }) => text.main === 'meanwhile' && connection.shared)
    expect(server.open).toBe(1)
  })

  it('take the lead from a leader that says nothing any more, if they are looked at', async () => {
    const locks = new FakeLocks()
    const server = await start()
    server.task()
    // A page that the system froze: it has the lock, and is deaf and dumb.
    let stolen = false
    const frozen = locks.request(`holdfast:${server.url}:t_00000001:start`, {}, () => new Promise(() => {})).catch(() => (stolen = true))
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const hidden = await tab(locks, server)
    hidden.page.document.hidden = true
    await vi.advanceTimersByTimeAsync(60_000)
    expect(server.accepted.length).toBe(0)
    hidden.page.document.hidden = false
    await vi.advanceTimersByTimeAsync(15_000)
    await frozen
    expect(stolen).toBe(true)
    await inState(hidden.task, 'live')
    expect(server.accepted.length).toBe(1)
  })

  it('keep what they have under a new leader that knows nothing yet', async () => {
    const locks = new FakeLocks()
    const server = await start()
    server.task().token('x')
    const name = `holdfast:${server.url}:t_00000001:start`
    void locks.request(name, {}, () => new Promise(() => {}))
    const { task } = await tab(locks, server)
    const leader = new BroadcastChannel(name)
    const line = { ...task.state.connection, shared: false }
    leader.postMessage({ epoch: 'e1', seq: 2, task: null, list: [], line: { ...line, state: 'live' } })
    await until(task, ({ text }) => text.main === 'x')
    leader.postMessage({ epoch: null, seq: 0, task: null, list: [], line: { ...line, state: 'connecting' } })
    expect(await inState(task, 'connecting')).toMatchObject({ cursor: 'e1:2', text: { main: 'x' }, connection: { shared: true } })
    leader.close()
  })

  it('go alone where a page may not use locks', async () => {
    const locks = new FakeLocks()
    locks.request = () => Promise.reject(new DOMException('sandboxed', 'SecurityError'))
    const server = await start()
    server.task()
    const { task } = await tab(locks, server)
    await inState(task, 'live')
  })

  it('have a connection each where sharing is not wanted', async () => {
    const locks = new FakeLocks()
    const server = await start()
    server.task()
    for (let i = 0; i < 2; i++) await inState((await tab(locks, server, { shareTabs: false })).task, 'live')
    expect(server.accepted.length).toBe(2)
  })
})
