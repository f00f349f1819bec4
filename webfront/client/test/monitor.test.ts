import { afterEach, describe, expect, it } from 'vitest'
import { type LiveOptions, type MonitorState, type Transition, type WatchedMonitor, watchMonitor } from '../src/index.js'
import { fakePage } from './support/fake-browser.js'
import type { FakeServer } from './support/fake-server.js'
import { quick, stage } from './support/watching.js'

const { server: start } = stage()
const open: WatchedMonitor[] = []
afterEach(() => open.splice(0).forEach((one) => one.stop()))

const watch = (server: FakeServer, options: LiveOptions = {}) => {
  const log: Transition[] = []
  const monitor = watchMonitor({ url: server.url, ...quick, pollHoldMs: 10, onTransition: (line) => log.push(line), ...options })
  open.push(monitor)
  return Object.assign(monitor, { log })
}
const until = (monitor: WatchedMonitor, holds: (state: MonitorState) => boolean) =>
  new Promise<MonitorState>((done) => {
    const look = () => holds(monitor.state) && (off(), done(monitor.state))
    const off = monitor.subscribe(look)
    queueMicrotask(look)
  })
const runs = (count: number) => (state: MonitorState) => state.figures?.tasks.running === count

describe('the monitor', () => {
  it('has the newest figures, over one connection for all who look', async () => {
    const server = await start()
    const monitor = watch(server)
    const again = watch(server)
    expect((await until(monitor, runs(0))).connection.state).toBe('live')
    server.task()
    await until(again, runs(1))
    expect(server.accepted.map(({ transport }) => transport)).toEqual(['sse'])
  })

  it('comes back by itself from a cut and from the errors that a proxy answers meanwhile', async () => {
    const server = await start()
    const monitor = watch(server)
    await until(monitor, runs(0))
    server.script('sse', { drop: true }, { refuse: 502, word: 'proxy', retry: 'reconnect' })
    server.cut()
    await until(monitor, ({ connection }) => connection.try === 3)
    await until(monitor, ({ connection }) => connection.state === 'live')
    expect(monitor.log.filter(({ state }) => state === 'reconnecting').map(({ code }) => code)).toContain(502)
    expect(server.accepted.length).toBe(4)
  })

  it('looks every now and then where no stream gets through', async () => {
    const server = await start()
    server.block('sse')
    const monitor = watch(server)
    await until(monitor, ({ connection }) => connection.state === 'polling')
    server.task()
    await until(monitor, runs(1))
  })

  it('waits for its first connection until somebody sees the page', async () => {
    const page = fakePage()
    page.document.hidden = true
    const server = await start()
    const monitor = watch(server)
    await until(monitor, ({ connection }) => connection.state === 'idle')
    page.document.hidden = false
    page.fire('document', 'visibilitychange')
    await until(monitor, runs(0))
    expect(server.accepted.length).toBe(1)
  })

  it('says so while the server can not read its figures', async () => {
    const server = await start()
    server.script('sse', { says: [{ type: 'urn:holdfast:problem:unavailable', code: 'unavailable', detail: 'not at the moment', retry: 'reconnect' }] })
    const monitor = watch(server)
    const { connection, figures } = await until(monitor, ({ connection }) => connection.reason !== null)
    expect([connection.state, connection.reason, connection.meaning, figures]).toEqual(['catching_up', 'unavailable', 'not at the moment', null])
    server.task()
    expect((await until(monitor, runs(1))).connection).toMatchObject({ state: 'live', reason: null })
    expect(server.accepted.length).toBe(1)
  })
})
