import { type ConnectionState, type Input, initialPolicy, nextTick, type Policy, type PolicyOptions, step, type TransportName } from './policy.js'
import { HoldfastError } from './rest.js'
import type { Link, Transport, Where } from './transports/transport.js'
import type { ServerMessage } from './wire.js'

/** A line of the connection's log. */
export interface Transition {
  /** When, in ms since 1970. */
  at: number
  from: ConnectionState
  state: ConnectionState
  transport: TransportName
  /** Failures in a row on this transport; 0: none. */
  try: number
  /** Why the last connection ended: close code or HTTP status, null without one. */
  code: number | null
  /** The same as a stable word; null: nothing has ended. */
  reason: string | null
  /** The same for people. */
  meaning: string | null
  /** How long until the next try, in ms; null: none is planned. */
  retryInMs: number | null
}

/** The error that a failed connection is, for those who wait for it. */
export const failureOf = ({ code, reason, meaning, state }: Transition): HoldfastError =>
  new HoldfastError({ code, reason: reason ?? state, meaning: meaning ?? state, retry: 'stop' })

/** What the driver needs to know, and tells. */
export interface DriverHooks {
  /** Where to connect now. */
  where(): Where
  messages(list: ServerMessage[]): void
  transition(line: Transition): void
}

/** Timers and transports around the policy: does what it says, tells it what happens. */
export interface Driver {
  readonly policy: Policy
  input(input: Input): void
  /** The log's line of this moment. */
  line(from: ConnectionState): Transition
  dispose(): void
}

/** Browsers take longer waits for none. */
const longestTimer = 2e9

export const createDriver = (transports: Record<string, Transport>, options: PolicyOptions, hooks: DriverHooks): Driver => {
  let policy = initialPolicy
  let link: Link | null = null
  let probe: Link | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let disposed = false
  const waiting: Input[] = []

  const connect = (index: number, probing?: boolean): Link => {
    const where = hooks.where()
    if (probing) Object.assign(where, { after: null, history: false, sessionId: null })
    return transports[options.transports[index]!]!(where, {
      messages(list) {
        if (!probing) hooks.messages(list)
        else if (list.some((m) => m.type === 'connected')) input({ type: 'probed', ok: true })
      },
      heard: () => probing || input({ type: 'heard' }),
      closed: (ending) => input(probing ? { type: 'probed', ok: false } : { type: 'closed', ending }),
    })
  }
  const input = (next: Input) => {
    if (disposed) return
    waiting.push(next)
    if (waiting.length > 1) return
    while (waiting.length) {
      const before = policy
      const [after, actions] = step(before, waiting[0]!, performance.now(), Math.random(), options)
      policy = after
      for (const action of actions) {
        if (action.do === 'close') {
          link?.close(action.bye)
          link = null
        } else if (action.do === 'unprobe') {
          probe?.close(true)
          probe = null
        } else if (action.do === 'beat') link?.send({ type: 'heartbeat', timestamp: Date.now() })
        else if (action.do === 'open') link = connect(action.transport)
        else if (action.do === 'probe') probe = connect(action.transport, true)
      }
      if (after.state !== before.state || after.tries !== before.tries || after.transport !== before.transport) hooks.transition(line(before.state))
      waiting.shift()
    }
    clearTimeout(timer)
    const at = nextTick(policy)
    if (at < Infinity) timer = setTimeout(() => input({ type: 'tick' }), Math.min(longestTimer, at - performance.now()))
  }
  const line = (from: ConnectionState): Transition => {
    const { state, transport, tries, last, due } = policy
    const { code = null, reason = null, meaning = null } = last ?? {}
    return {
      at: Date.now(),
      from,
      state,
      transport: options.transports[transport]!,
      try: tries,
      code,
      reason,
      meaning,
      retryInMs: due.retry ? Math.max(0, Math.round(due.retry - performance.now())) : null,
    }
  }
  return {
    get policy() {
      return policy
    },
    input,
    line,
    dispose() {
      input({ type: 'stop' })
      disposed = true
      clearTimeout(timer)
    },
  }
}
