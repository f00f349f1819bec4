/**
 * A scriptable Holdfast server: real HTTP, real WebSockets, on a real port. It speaks PROTOCOL.md (tasks, events over WebSocket, SSE and long
 * poll, compact replay, sessions, refusals), and breaks when told to. Its manual:
 *
 *   const server = await fakeServer()             // server.url; `await server.close()` at the end
 *   const task = server.task('t_00000001')        // a task with its `created` event; task.append(type, data), task.token('text')
 *   task.complete({ … })                          // or task.append('failed', …): the terminal event ends it
 *   task.checkpoint()                             // compact replay merges no tokens across it
 *   task.renew()                                  // the log is lost: a new epoch, events from 1
 *
 * What happens on connections, all of which are in `server.accepted` ({ transport, taskId, query, headers }):
 *
 *   server.script('websocket', step, …)           // the next connections of that transport, one step each:
 *     { refuse: code, word, retry, retryAfterMs } // accepted, told why, closed (HTTP: the status `code`)
 *     { drop: true }                              // the connection is destroyed before a word is said
 *     { hang: true }                              // accepted, and nothing is ever said
 *     { cutAfter: n }                             // destroyed after n messages
 *     { closeAfter: n, code, retryAfterMs }       // closed politely after n messages
 *     { muteAfter: n }                            // half open: after n messages nothing more comes, not even answers
 *     { skip: seq }                               // the event of that number is lost on the way
 *     { twice: true }                             // every event is sent twice
 *     { says: [message, …] }                      // these, whatever they are, instead of what there is to say
 *   server.block('websocket')                     // every connection of that transport is dropped, until server.unblock('websocket')
 *   server.cut() · server.mute()                  // all open connections are destroyed · go silent, without a close
 *   server.drain(ms)                              // all are told to come back in `ms`, closed with 1012
 *   GET /tasks and /tasks/stream                  // the list of all tasks here; changes after everything that happens
 *   GET /monitor and /monitor/stream              // figures, which tell how many tasks run here; the same
 *   server.until(() => …)                         // resolves once that holds; looked at after everything that happens here
 *
 * Requests that end up elsewhere: `server.cleanups` (bodies of beacons), `server.posts` ({ path, body, headers } of cancel, review and creation; `server.troubles` are steps for the next),
 * `server.pages` (how many pages readers have asked for), `server.byes`, `server.commands` (what came over WebSockets).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { TransportName } from '../../src/policy.js'
import { isTerminal, type TaskEvent } from '../../src/wire.js'
import { FakeTask } from './fake-task.js'
import type { Accepted, Step, Viewer } from './fake-viewer.js'

export class FakeServer {
  url = ''
  accepted: Accepted[] = []
  cleanups: string[] = []
  posts: { path: string; body: Record<string, unknown>; headers: IncomingMessage['headers'] }[] = []
  heartbeatMs = 30_000
  /** What the next POSTs get, one each, instead of an answer. */
  troubles: Step[] = []
  pages = 0
  byes = 0
  commands: { type: string }[] = []
  private tasks = new Map<string, FakeTask>()
  private steps: Record<TransportName, Step[]> = { websocket: [], sse: [], poll: [] }
  private blocked = new Set<TransportName>()
  private viewers = new Set<Viewer>()
  private waiters = new Set<() => void>()
  private sessions = 0
  private http = createServer((request, response) => void this.serve(request, response))
  private sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'holdfast.v1' })

  async listen(): Promise<this> {
    this.http.on('upgrade', (request, socket, head) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://x')
      const taskId = decodeURIComponent(pathname.split('/').pop()!)
      const step = this.accept('websocket', taskId, searchParams, request)
      if (step.drop) socket.destroy()
      else this.sockets.handleUpgrade(request, socket, head, (ws) => this.attachSocket(ws, taskId, searchParams, step))
    })
    await new Promise<void>((done) => this.http.listen(0, '127.0.0.1', done))
    this.url = 'http://127.0.0.1:' + (this.http.address() as AddressInfo).port
    return this
  }

  async close(): Promise<void> {
    this.cut()
    this.http.closeAllConnections()
    this.sockets.close()
    await new Promise((done) => this.http.close(done))
  }

  task(id = 't_00000001'): FakeTask {
    let task = this.tasks.get(id)
    if (task) return task
    this.tasks.set(id, (task = new FakeTask(id, () => this.pump())))
    this.pump()
    return task
  }

  delete(id: string): void {
    this.task(id).deleted = true
    this.tasks.delete(id)
    this.pump()
  }

  script(transport: TransportName, ...steps: Step[]): void {
    this.steps[transport].push(...steps)
  }

  block(...transports: TransportName[]): void {
    transports.forEach((one) => this.blocked.add(one))
  }

  unblock(...transports: TransportName[]): void {
    transports.forEach((one) => this.blocked.delete(one))
  }

  cut(): void {
    for (const viewer of [...this.viewers]) viewer.destroy()
    this.http.closeAllConnections()
  }

  mute(): void {
    for (const viewer of this.viewers) viewer.mute = true
  }

  drain(retryAfterMs: number): void {
    for (const viewer of [...this.viewers]) viewer.close(1012, 'draining', 'reconnect', retryAfterMs)
  }

  get open(): number {
    return this.viewers.size
  }

  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((done) => {
      const look = () => {
        if (!holds()) return
        this.waiters.delete(look)
        done()
      }
      this.waiters.add(look)
    })
  }

  /** Sends every viewer what it has not got yet. */
  pump(): void {
    for (const viewer of [...this.viewers]) this.feed(viewer, false)
    this.happened()
  }

  private happened(): void {
    for (const look of [...this.waiters]) look()
  }

  private accept(transport: TransportName, taskId: string, query: URLSearchParams, request: IncomingMessage): Step {
    this.accepted.push({ transport, taskId, query, headers: request.headers })
    const step = this.blocked.has(transport) ? { drop: true } : (this.steps[transport].shift() ?? {})
    queueMicrotask(() => this.happened())
    return step
  }

  private attach(viewer: Viewer, query: URLSearchParams): void {
    const { task, step } = viewer
    if (step.hang) return
    if (step.refuse) {
      const { refuse: code, word = 'refused', retry = 'stop', retryAfterMs } = step
      this.say(viewer, {
        type: 'error',
        code: word,
        message: `refused: ${word}`,
        fatal: true,
        retry,
        ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
      })
      return viewer.close(code, word, retry, retryAfterMs)
    }
    this.viewers.add(viewer)
    if (step.says) return step.says.forEach((message) => this.say(viewer, message))
    const resumed = query.get('session_id')
    const cursor = query.get('after')
    this.say(viewer, {
      type: 'connected',
      task_id: task.id,
      session_id: resumed ?? `s_${++this.sessions}`,
      server_time: new Date().toISOString(),
      heartbeat_interval_ms: this.heartbeatMs,
      epoch: task.epoch,
      resumed: !!resumed,
    })
    this.say(viewer, { ...task.snapshot(), type: 'current_status' })
    viewer.at = query.get('include_history') === 'true' ? 0 : task.events.length - (task.over ? 1 : 0)
    if (cursor) {
      const [epoch, seq] = cursor.split(':') as [string, string]
      viewer.at = Number(seq)
      if (epoch !== task.epoch || viewer.at > task.events.length) {
        viewer.at = 0
        this.say(viewer, { type: 'history_reset', reason: 'epoch_changed', epoch: task.epoch })
      }
    }
    this.feed(viewer, true)
  }

  private feed(viewer: Viewer, first: boolean): void {
    const { task, step } = viewer
    if (viewer.over) return
    if (task.deleted) return viewer.close(4410, 'task_deleted', 'stop')
    const list = task.after(viewer.at, viewer.compact && first)
    const end = task.over ? list.pop() : undefined
    const tell = (event: TaskEvent) => {
      viewer.at = event.seq
      if (event.seq === step.skip) return
      this.say(viewer, event)
      if (step.twice) this.say(viewer, event)
    }
    list.forEach(tell)
    if (first) this.say(viewer, { type: 'caught_up', cursor: `${task.epoch}:${viewer.at}` })
    if (end) tell(end)
    if (task.over && !viewer.mute) viewer.close(1000, 'task_finished', 'stop')
  }

  private say(viewer: Viewer, message: object): void {
    if (viewer.over) return
    const { cutAfter, closeAfter, muteAfter, code = 1001, retryAfterMs } = viewer.step
    if (viewer.sent === cutAfter) return viewer.destroy()
    if (viewer.sent === closeAfter) return viewer.close(code, 'closed_by_script', code >= 4400 && code < 4500 ? 'stop' : 'reconnect', retryAfterMs)
    if (viewer.sent === muteAfter) viewer.mute = true
    viewer.sent++
    if (!viewer.mute) viewer.push(message)
  }

  private attachSocket(ws: WebSocket, taskId: string, query: URLSearchParams, step: Step): void {
    const task = this.tasks.get(taskId)
    const end = (code: number, reason: string, retry: string, retryAfterMs?: number) => {
      if (viewer.over) return
      viewer.push({ type: 'closing', code, reason, retry, ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }) })
      viewer.over = true
      this.viewers.delete(viewer)
      ws.close(code < 1000 ? 1013 : code)
    }
    const viewer: Viewer = {
      task: task!,
      at: 0,
      compact: query.get('compact') === 'true',
      step,
      sent: 0,
      mute: false,
      over: false,
      push: (message) => ws.send(JSON.stringify(message)),
      close: end,
      destroy: () => {
        viewer.over = true
        this.viewers.delete(viewer)
        ws.terminate()
      },
    }
    ws.on('close', () => {
      viewer.over = true
      this.viewers.delete(viewer)
      this.happened()
    })
    ws.on('message', (data) => {
      const message = JSON.parse(String(data))
      this.commands.push(message)
      this.happened()
      if (viewer.over) return
      if (message.type === 'bye') {
        this.byes++
        end(1000, 'bye', 'stop')
      }
      if (message.type === 'heartbeat') {
        this.say(viewer, {
          type: 'heartbeat_ack',
          timestamp: message.timestamp,
          server_time: new Date().toISOString(),
          cursor: `${viewer.task.epoch}:${viewer.at}`,
          last_seq: viewer.task.events.length,
        })
      }
    })
    if (!task && !step.refuse && !step.hang) viewer.step = { refuse: 4404, word: 'task_not_found' }
    this.attach(viewer, query)
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url!, 'http://x')
    const body = await new Promise<string>((done) => {
      let text = ''
      request.on('data', (piece) => (text += piece)).on('end', () => done(text))
    })
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', '*')
    if (request.method === 'OPTIONS') return void response.writeHead(204).end()
    const json = (status: number, value: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    const problem = (status: number, code: string, retry = 'stop', more = {}) => json(status, { status, code, detail: `refused: ${code}`, retry, ...more })
    const [, , , room, id = '', what = ''] = pathname.split('/')
    if (room === 'cleanup') {
      this.cleanups.push(body)
      this.happened()
      return void json(200, { success: true, message: 'nothing to clean up' })
    }
    if (request.method === 'POST') {
      this.posts.push({ path: pathname, body: JSON.parse(body), headers: request.headers })
      this.happened()
      const trouble = this.troubles.shift()
      if (trouble?.drop) return void request.socket.destroy()
      if (trouble?.refuse) return void problem(trouble.refuse, trouble.word!, trouble.retry, { field: 'input.count' })
      const task = this.task(id || 't_created1')
      if (what === 'cancel') task.append('cancelled', { reason: JSON.parse(body).reason ?? null, by: 'anonymous' })
      return void json(id ? 200 : 202, task.snapshot())
    }
    if (!id || id === 'stream') return this.serveLive(room === 'monitor' ? this.figures() : this.list(query), id ? 'sse' : 'poll', query, request, response)
    const task = this.tasks.get(id)
    if (what === 'events' && request.headers.accept?.includes('event-stream')) return this.serveStream(task, id, query, request, response)
    if (!task) return void problem(404, 'task_not_found')
    if (what !== 'events') return void json(200, task.snapshot())
    // Only what comes from the transport is scripted: a reader's pages are not.
    if (!query.has('include_history')) this.pages++
    const step = query.has('include_history') ? this.accept('poll', id, query, request) : {}
    if (step.drop || step.cutAfter !== undefined) return void request.socket.destroy()
    if (step.hang) return
    if (step.refuse)
      return void problem(step.refuse, step.word ?? 'refused', step.retry, step.retryAfterMs === undefined ? {} : { retry_after_ms: step.retryAfterMs })
    const [epoch, text] = (query.get('after') ?? `${task.epoch}:0`).split(':') as [string, string]
    const reset = epoch !== task.epoch || Number(text) > task.events.length
    const at = reset ? 0 : Number(text)
    if (query.get('wait')) {
      const hold = new Promise<void>((done) => setTimeout(done, parseInt(query.get('wait')!)).unref())
      await Promise.race([this.until(() => task.events.length > at || task.over), hold])
    }
    const events = task.after(at, query.get('compact') === 'true').slice(0, Number(query.get('limit') ?? 1000))
    const last = events.at(-1)?.seq ?? at
    const status = isTerminal(events.at(-1)?.type ?? '') || (task.over && last === task.events.length) ? task.snapshot().status : 'running'
    json(200, { events, cursor: `${task.epoch}:${last}`, epoch: task.epoch, caught_up: last === task.events.length, status, reset })
  }

  /** What a list's stream says, now and after everything that happens; `status=active` leaves out what has ended. */
  private list(query: URLSearchParams): () => { type: string } {
    let shown: string[] | null = null
    return () => {
      const type = shown ? 'change' : 'snapshot'
      const tasks = [...this.tasks.values()].filter((task) => query.get('status') !== 'active' || !task.over).map((task) => task.snapshot())
      const removed = shown?.filter((id) => !tasks.some(({ task_id }) => task_id === id)) ?? []
      shown = tasks.map(({ task_id }) => task_id)
      return { type, tasks, removed, next_cursor: null }
    }
  }

  /** As much of the monitor's figures as tests look at. */
  private figures(): () => { type: string } {
    return () => ({ type: 'monitor', tasks: { running: [...this.tasks.values()].filter((task) => !task.over).length } })
  }

  /** A live stream, or one look at the same. */
  private serveLive(look: () => { type: string }, transport: TransportName, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const step = this.accept(transport, '', query, request)
    if (step.drop) return void request.socket.destroy()
    if (step.refuse) return void response.writeHead(step.refuse).end(JSON.stringify({ code: step.word, detail: step.word, retry: step.retry ?? 'stop' }))
    if (transport === 'poll') return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(look()))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const write = (message: { type?: string }) => response.write(`event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`)
    if (step.says) step.says.forEach(write)
    else write(look())
    const tell = () => write(look())
    // That somebody came is no news to them.
    queueMicrotask(() => this.waiters.add(tell))
    request.socket.once('close', () => this.waiters.delete(tell))
  }

  private serveStream(task: FakeTask | undefined, id: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const step = this.accept('sse', id, query, request)
    if (step.drop) return void request.socket.destroy()
    if (!task)
      return void response
        .writeHead(404, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ status: 404, code: 'task_not_found', detail: 'no such task', retry: 'stop' }))
    if (task.over && query.get('after') === `${task.epoch}:${task.events.length}`) return void response.writeHead(204).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1000\n\n')
    const write = (type: string, message: object) => response.write(`event: ${type}\ndata: ${JSON.stringify(message)}\n\n`)
    const viewer: Viewer = {
      task,
      at: 0,
      compact: query.get('compact') === 'true',
      step,
      sent: 0,
      mute: false,
      over: false,
      push: (message) => {
        const { type, code, message: detail, retry, retry_after_ms } = message as Record<string, string>
        if (type === 'error') write('refused', { status: step.refuse, code, detail, retry, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) })
        else write(type!, message)
      },
      close: (code, reason, retry, retryAfterMs) => {
        if (viewer.over) return
        write('closing', { type: 'closing', code, reason, retry, ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }) })
        viewer.over = true
        this.viewers.delete(viewer)
        response.end()
      },
      destroy: () => {
        viewer.over = true
        this.viewers.delete(viewer)
        request.socket.destroy()
      },
    }
    request.socket.once('close', () => {
      viewer.over = true
      this.viewers.delete(viewer)
      this.happened()
    })
    this.attach(viewer, query)
  }
}

export const fakeServer = (): Promise<FakeServer> => new FakeServer().listen()
