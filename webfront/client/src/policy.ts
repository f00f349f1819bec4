import type { Ending } from './verdict.js'

/**
 * When to connect, over what, and when to stop: a pure state machine. Inputs carry the time, outputs are actions; there is no timer and no
 * socket in here. What is to happen later stands in `due`; whoever drives this calls `step` with `tick` when the earliest of those is reached.
 *
 * The rules. A cut is followed by `tries` tries, after 1 s, 2 s, 4 s with jitter; then by the next transport, and after the last one by the
 * first again, ever more slowly, but for ever: the transport gave up, not the task. Only progress sets the count back, an open does not. A
 * `stop` verdict is final. On a lower transport the higher ones are probed now and then, beside the working one.
 */
export type ConnectionState = 'idle' | 'connecting' | 'live' | 'catching_up' | 'reconnecting' | 'polling' | 'offline' | 'ended' | 'failed'

export type TransportName = 'websocket' | 'sse' | 'poll'

export interface PolicyOptions {
  /** Best first. */
  transports: readonly TransportName[]
  /** Tries on one transport before the next. */
  tries: number
  /** The first wait; each further one is twice as long. */
  backoffMs: number
  /** The longest wait. */
  maxBackoffMs: number
  /** Waits vary by this share up and down. */
  jitter: number
  /** From opening to `connected`. */
  connectTimeoutMs: number
  /** From a heartbeat to its answer. */
  ackTimeoutMs: number
  /** SSE and poll: the longest silence. */
  silenceMs: number
  /** On a lower transport: the first wait before a higher one is probed; doubles up to `maxProbeMs`. */
  probeMs: number
  maxProbeMs: number
  /** Before the first connect. */
  delayMs: number
  /** False: a cut is final until `reconnect`. */
  autoReconnect: boolean
}

export const defaultPolicy: PolicyOptions = {
  transports: ['websocket', 'sse', 'poll'],
  tries: 3,
  backoffMs: 1000,
  maxBackoffMs: 30_000,
  jitter: 0.2,
  connectTimeoutMs: 10_000,
  ackTimeoutMs: 10_000,
  silenceMs: 45_000,
  probeMs: 15_000,
  maxProbeMs: 300_000,
  delayMs: 0,
  autoReconnect: true,
}

export interface Policy {
  readonly state: ConnectionState
  /** Index of the transport in use. */
  readonly transport: number
  /** Failures in a row on this transport. */
  readonly tries: number
  /** How often all transports have failed in a row. */
  readonly round: number
  readonly link: 'none' | 'opening' | 'open'
  /** Something has been tried before: what comes now is a reconnect. */
  readonly again: boolean
  readonly online: boolean
  /** Away in the browser's cache: comes back with `resume`. */
  readonly suspended: boolean
  /** A fresh token was tried since the last progress. */
  readonly refreshed: boolean
  readonly beatMs: number
  readonly probing: boolean
  readonly probeAt: number
  readonly probeMs: number
  /** Where we stood at the last heartbeat that showed a head beyond us. */
  readonly stuckAt: number
  /** Times, in the clock of the inputs. */
  readonly due: { readonly [Name in 'retry' | 'beat' | 'answer' | 'probe']?: number }
  /** How the last connection ended. */
  readonly last: Ending | null
}

export type PlainInput =
  | ('start' | 'stop' | 'suspend' | 'resume' | 'online' | 'offline' | 'visible' | 'reconnect')
  | ('tick' | 'heard' | 'caught_up' | 'progress' | 'terminal')

export type Input =
  | { type: PlainInput }
  | { type: 'connected'; beatMs: number }
  | { type: 'ack'; sent: number; head: number; seq: number }
  | { type: 'closed'; ending: Ending }
  | { type: 'probed'; ok: boolean }

export type Action = { do: 'open'; transport: number } | { do: 'probe'; transport: number } | { do: 'close'; bye: boolean } | { do: 'unprobe' | 'beat' }

export const initialPolicy: Policy = {
  state: 'idle',
  transport: 0,
  tries: 0,
  round: 0,
  link: 'none',
  again: false,
  online: true,
  suspended: false,
  refreshed: false,
  beatMs: 0,
  probing: false,
  probeAt: 0,
  probeMs: 0,
  stuckAt: -1,
  due: {},
  last: null,
}

type Draft = { -readonly [Key in keyof Policy]: Policy[Key] } & { due: { -readonly [Name in keyof Policy['due']]: number } }

/** What an input leads to. `dice` is a random number from 0 to 1, for the jitter. */
export function step(before: Policy, input: Input, at: number, dice: number, o: PolicyOptions): [Policy, Action[]] {
  const p = { ...before, due: { ...before.due } } as Draft
  const actions: Action[] = []
  const beats = () => o.transports[p.transport] === 'websocket'

  const close = (bye = false) => {
    if (p.link !== 'none') actions.push({ do: 'close', bye })
    if (p.probing) actions.push({ do: 'unprobe' })
    p.link = 'none'
    p.probing = false
    p.due = {}
  }
  const open = () => {
    close()
    p.state = p.again ? 'reconnecting' : 'connecting'
    p.again = true
    p.suspended = false
    p.link = 'opening'
    p.stuckAt = -1
    p.due.answer = at + o.connectTimeoutMs
    actions.push({ do: 'open', transport: p.transport })
  }
  const rest = (state: ConnectionState) => {
    close(state === 'idle')
    p.state = state
  }
  const cut = (ending: Ending) => {
    p.last = ending
    if (ending.reason === 'task_finished') return rest('ended')
    if (ending.reason === 'token_expired' && !p.refreshed) {
      p.refreshed = true
      return open()
    }
    if (ending.retry === 'stop' || !o.autoReconnect) return rest('failed')
    close()
    let wait = Math.min(o.maxBackoffMs, o.backoffMs * 2 ** (p.tries + p.round)) * (1 + o.jitter * (2 * dice - 1))
    if (ending.reason === 'unavailable' || ++p.tries > o.tries) {
      p.tries = 0
      p.transport = (p.transport + 1) % o.transports.length
      if (p.transport) wait = 0
      else p.round++
    }
    // A server's wish counts, and one to come at once only while nothing has failed: else a cut that repeats would be a loop.
    const wish = ending.retryAfterMs
    if (wish! >= 0) wait = wish || before.tries ? Math.max(wait, wish!) : 0
    p.state = p.online ? 'reconnecting' : 'offline'
    p.due.retry = at + (p.online ? wait : Math.max(wait, o.maxBackoffMs))
  }
  const cutFor = (reason: string, meaning: string, retryAfterMs?: number) => cut({ code: null, reason, meaning, retry: 'reconnect', retryAfterMs })
  const beat = () => {
    actions.push({ do: 'beat' })
    delete p.due.beat
    p.due.answer = at + o.ackTimeoutMs
  }
  const listen = () => {
    if (!beats()) p.due.answer = at + o.silenceMs
    else if (p.due.answer) p.due.answer = at + o.ackTimeoutMs
  }
  const probeLater = () => {
    if (p.transport) p.due.probe = at + (p.probeMs ||= o.probeMs)
    else delete p.due.probe
  }
  const progress = () => {
    p.tries = p.round = 0
    p.refreshed = false
    if (!p.transport) p.probeMs = 0
  }

  switch (input.type) {
    case 'start':
      if (p.state !== 'idle' || p.due.retry) break
      if (o.delayMs > 0) p.due.retry = at + o.delayMs
      else open()
      break
    case 'stop':
      p.suspended = false
      if (p.state !== 'ended') rest('idle')
      break
    case 'suspend':
      if (p.link === 'none' && !p.due.retry) break
      rest('idle')
      p.suspended = true
      break
    case 'resume':
      if (p.suspended) open()
      break
    case 'reconnect':
      if (p.state === 'ended') break
      p.tries = p.round = p.transport = 0
      open()
      break
    case 'offline':
      p.online = false
      if (p.link === 'open') {
        if (beats()) beat()
      } else if (p.state === 'reconnecting' || p.state === 'connecting') {
        rest('offline')
        p.due.retry = at + o.maxBackoffMs
      }
      break
    case 'online':
    case 'visible':
      if (input.type === 'online') {
        p.online = true
        p.probeMs = 0
      }
      if (p.link === 'open' && beats()) beat()
      else if (p.link === 'none' ? p.state === 'reconnecting' || p.state === 'offline' : input.type === 'online') open()
      break
    case 'connected':
      if (p.link !== 'opening') break
      p.link = 'open'
      p.state = 'catching_up'
      p.beatMs = input.beatMs
      delete p.due.answer
      if (beats()) p.due.beat = at + input.beatMs
      listen()
      break
    case 'caught_up':
      if (p.link !== 'open') break
      p.state = o.transports[p.transport] === 'poll' ? 'polling' : 'live'
      p.last = null
      if (!p.probing && !p.due.probe) probeLater()
      break
    case 'heard':
      if (p.link === 'open') listen()
      break
    case 'progress':
      progress()
      break
    case 'ack': {
      if (p.link !== 'open') break
      delete p.due.answer
      p.due.beat = at + p.beatMs
      const stuck = input.head > input.seq && p.stuckAt === input.seq
      if (input.sent > input.seq || stuck) {
        cutFor('gap', `${input.seq} of ${input.head} events came`, 0)
        break
      }
      progress()
      p.stuckAt = input.head > input.seq ? input.seq : -1
      break
    }
    case 'terminal':
      p.last = null
      rest('ended')
      break
    case 'closed':
      if (p.link !== 'none') cut(input.ending)
      break
    case 'probed':
      if (!p.probing) break
      actions.push({ do: 'unprobe' })
      p.probing = false
      if (input.ok) {
        p.transport = p.probeAt
        p.probeAt = p.tries = 0
        open()
        break
      }
      p.probeAt = (p.probeAt + 1) % p.transport
      if (!p.probeAt) p.probeMs = Math.min(o.maxProbeMs, p.probeMs * 2)
      probeLater()
      break
    case 'tick': {
      const reached = (name: keyof Policy['due']) => p.due[name]! <= at
      if (reached('retry')) open()
      else if (reached('answer')) {
        if (p.link === 'open') cutFor('silent', 'half open: silent for too long', 0)
        else cutFor('timeout', 'no answer in time')
      } else {
        if (reached('beat')) beat()
        if (reached('probe')) {
          if (p.probing) return step(p, { type: 'probed', ok: false }, at, dice, o)
          p.probing = true
          p.probeAt %= p.transport
          p.due.probe = at + o.connectTimeoutMs
          actions.push({ do: 'probe', transport: p.probeAt })
        }
      }
      break
    }
  }
  return [p, actions]
}

/** When `tick` is wanted next; Infinity for never. */
export const nextTick = (p: Policy): number => Math.min(...Object.values(p.due), Infinity)
