import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { type Connection, type TaskState, type WatchedTask, type WatchOptions, watchTask } from '../../src/index.js'
import type { WebSocketClass } from '../../src/transports/transport.js'
import { type FakeServer, fakeServer } from './fake-server.js'

/** Waits short enough for tests; their proportions are those of the defaults. */
export const quick = { backoffMs: 8, maxBackoffMs: 60, connectTimeoutMs: 2000, ackTimeoutMs: 2000, lingerMs: 1, probeMs: 20, pollHoldMs: 2000 }

export const NodeSocket = WebSocket as unknown as WebSocketClass

/** Resolves once the state is so. */
export const until = (task: Pick<WatchedTask, 'state' | 'subscribe'>, holds: (state: TaskState) => boolean): Promise<TaskState> =>
  new Promise((done) => {
    const look = () => {
      if (!holds(task.state)) return
      off()
      done(task.state)
    }
    const off = task.subscribe(look)
    queueMicrotask(look)
  })

export const inState = (task: WatchedTask, ...states: TaskState['connection']['state'][]) => until(task, ({ connection }) => states.includes(connection.state))

/** A fake server and watchers, all of which are gone after the test. */
export const stage = () => {
  const servers: FakeServer[] = []
  const watched: WatchedTask[] = []
  afterEach(async () => {
    watched.splice(0).forEach((one) => one.stop())
    await Promise.all(servers.splice(0).map((one) => one.close()))
  })
  return {
    async server() {
      const server = await fakeServer()
      servers.push(server)
      return server
    },
    /** Watches with quick waits; `log` is what `onTransition` said. */
    watch(server: FakeServer, options: WatchOptions = {}, taskId = 't_00000001') {
      const log: Connection[] = []
      const task = watchTask(taskId, { url: server.url, webSocket: NodeSocket, ...quick, onTransition: (line) => log.push(line), ...options })
      watched.push(task)
      return Object.assign(task, { log })
    },
  }
}
