import { afterEach, describe, expect, it } from 'vitest'
import { type LiveOptions, type TaskFilter, type TaskListState, type Transition, type WatchedList, watchTasks } from '../src/index.js'
import { fakePage } from './support/fake-browser.js'
import type { FakeServer } from './support/fake-server.js'
import { quick, stage } from './support/watching.js'

const { server: start } = stage()
const open: WatchedList[] = []
afterEach(() => open.splice(0).forEach((one) => one.stop()))

const watch = (server: FakeServer, filter: TaskFilter = {}, options: LiveOptions = {}) => {
  const log: Transition[] = []
  const list = watchTasks(filter, { url: server.url, ...quick, pollHoldMs: 10, onTransition: (line) => log.push(line), ...options })
  open.push(list)
  return Object.assign(list, { log })
}
const until = (list: WatchedList, holds: (state: TaskListState) => boolean) =>
  new Promise<TaskListState>((done) => {
    const look = () => holds(list.state) && (off(), done(list.state))
    const off = list.subscribe(look)
    queueMicrotask(look)
  })
const ids = ({ tasks }: TaskListState) =>
  tasks
    .map(({ task_id }) => task_id)
    .sort()
    .join()

describe('a live list', () => {
  it('shows what is there, what comes and what goes, over one connection', async () => {
    const server = await start()
    server.task('t_00000001')
    const list = watch(server, { status: 'active' })
    const again = watch(server, { status: 'active' })
    await until(list, (state) => ids(state) === 't_00000001')
    server.task('t_00000002')
    await until(again, (state) => ids(state) === 't_00000001,t_00000002')
    server.task('t_00000001').complete()
    await until(list, (state) => ids(state) === 't_00000002')
    expect(server.accepted.map(({ query }) => query.toString())).toEqual(['status=active'])
  })

  it('sends its filter, and has a connection for each', async () => {
    const server = await start()
    watch(server, { kind: 'echo', labels: { user: 'u 1', team: 'x' } })
    watch(server)
    await server.until(() => server.accepted.length === 2)
    expect(server.accepted[0]!.query.toString()).toBe('kind=echo&label=user%3Du+1&label=team%3Dx')
  })

  it('comes back after a cut, falls to polling, and goes back up', async () => {
    const server = await start()
    const list = watch(server)
    await until(list, ({ connection }) => connection.state === 'live')
    server.block('sse')
    server.cut()
    await until(list, ({ connection }) => connection.state === 'polling')
    server.task('t_00000001')
    await until(list, (state) => ids(state) === 't_00000001')
    server.unblock('sse')
    await until(list, ({ connection }) => connection.state === 'live')
  })

  it('stops when it is refused for good', async () => {
    const server = await start()
    server.script('sse', { refuse: 403, word: 'forbidden' })
    const list = watch(server)
    const { connection } = await until(list, ({ connection: { state } }) => state === 'failed')
    expect(connection).toMatchObject({ code: 403, reason: 'forbidden' })
    expect(server.accepted.length).toBe(1)
    list.reconnect()
    await until(list, ({ loaded }) => loaded)
  })

  it('gives its connection back while nobody sees the page', async () => {
    const page = fakePage()
    const server = await start()
    const list = watch(server)
    await until(list, ({ connection }) => connection.state === 'live')
    page.document.hidden = true
    page.fire('document', 'visibilitychange')
    await until(list, ({ connection }) => connection.state === 'idle')
    server.task('t_00000001')
    page.document.hidden = false
    page.fire('document', 'visibilitychange')
    await until(list, (state) => ids(state) === 't_00000001')
    expect(server.accepted.length).toBe(2)
  })
})
