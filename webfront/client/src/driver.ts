import { initialPolicy, nextTick, step, type ConnectionState, type Input, type Policy, type PolicyOptions, type TransportName } from './policy.js'
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
  dispose(): void
}

const longestTimer = 2 ** 31 - 1

export const createDriver = (transports: Record<string, Transport>, options: PolicyOptions, hooks: DriverHooks): Driver => {
  let policy = initialPolicy
  let link: Link | null = null
  let probe: Link | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let disposed = false
  const waiting: Input[] = []

  const connect = (index: number): Link => {
    const name = options.transports[index]!
    // What a closed connection still says is nobody's business.
    const current = () => link === mine && !disposed
    const mine: Link = transports[name]!(hooks.where(), {
      messages: (list) => current() && hooks.messages(list),
      heard: () => current() && input({ type: 'heard' }),
      closed: (ending) => current() && input({ type: 'closed', ending }),
    })
    return mine
  }
  const connectProbe = (index: number): Link => {
    const mine: Link = transports[options.transports[index]!]!(
      { ...hooks.where(), after: null, history: false, sessionId: null },
      {
        messages: (list) => probe === mine && list.some((m) => m.type === 'connected') && input({ type: 'probed', ok: true }),
        heard() {},
        closed: () => probe === mine && input({ type: 'probed', ok: false }),
      },
    )
    return mine
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
        else if (action.do === 'probe') probe = connectProbe(action.transport)
      }
      if (after.state !== before.state || after.tries !== before.tries || after.transport !== before.transport) report(before)
      waiting.shift()
    }
    clearTimeout(timer)
    const at = nextTick(policy)
    if (at < Infinity) timer = setTimeout(() => input({ type: 'tick' }), Math.min(longestTimer, Math.max(0, Math.ceil(at - performance.now()))))
  }
  const report = (before: Policy) => {
    const { state, tries, last, due } = policy
    hooks.transition({
      at: Date.now(),
      from: before.state,
      state,
      transport: options.transports[policy.transport]!,
      try: tries,
      code: last?.code ?? null,
      reason: last?.reason ?? null,
      meaning: last?.meaning ?? null,
      retryInMs: due.retry === undefined ? null : Math.max(0, Math.round(due.retry - performance.now())),
    })
  }
  return {
    get policy() {
      return policy
    },
    input,
    dispose() {
      input({ type: 'stop' })
      disposed = true
      clearTimeout(timer)
    },
  }
}
