import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, defaultPolicy, type Input, initialPolicy, nextTick, type Policy, type PolicyOptions, step } from '../src/policy.js'
import type { Ending } from '../src/verdict.js'

const ending = (over: Partial<Ending> = {}): Ending => ({ code: 1006, reason: 'cut', meaning: 'cut', retry: 'reconnect', ...over })

/** A policy with a clock that the test turns. */
const machine = (over: Partial<PolicyOptions> = {}) => {
  const options = { ...defaultPolicy, jitter: 0, ...over }
  let policy: Policy = initialPolicy
  const self = {
    now: 1000,
    done: [] as Action[],
    get p() {
      return policy
    },
    say(input: Input) {
      const [next, actions] = step(policy, input, self.now, 0.5, options)
      policy = next
      self.done.push(...actions)
      return actions
    },
    /** Turns the clock to what is due next; answers how long that was. */
    wait() {
      const before = self.now
      self.now = nextTick(policy)
      self.say({ type: 'tick' })
      return self.now - before
    },
    live() {
      self.say({ type: 'connected', beatMs: 30_000 })
      self.say({ type: 'caught_up' })
    },
    cut: (over?: Partial<Ending>) => self.say({ type: 'closed', ending: ending(over) }),
  }
  return self
}

describe('the connection policy', () => {
  it('connects at once, and says catching_up before live', () => {
    const m = machine()
    expect(m.say({ type: 'start' })).toEqual([{ do: 'open', transport: 0 }])
    expect(m.p.state).toBe('connecting')
    m.say({ type: 'connected', beatMs: 30_000 })
    expect(m.p.state).toBe('catching_up')
    m.say({ type: 'caught_up' })
    expect(m.p.state).toBe('live')
  })

  it('tries three times after 1, 2 and 4 s, then goes to the next transport, and after the last one round again, more slowly', () => {
    const m = machine()
    m.say({ type: 'start' })
    const seen: [number, number][] = []
    for (let i = 0; i < 13; i++) {
      m.cut()
      seen.push([m.wait(), m.p.transport])
    }
    expect(seen.slice(0, 12)).toEqual([
      [1000, 0],
      [2000, 0],
      [4000, 0],
      [0, 1],
      [1000, 1],
      [2000, 1],
      [4000, 1],
      [0, 2],
      [1000, 2],
      [2000, 2],
      [4000, 2],
      [8000, 0],
    ])
    expect(seen[12]).toEqual([2000, 0])
    expect(m.p.round).toBe(1)
  })

  it('never waits longer than the longest wait, and never gives up', () => {
    const m = machine()
    m.say({ type: 'start' })
    let longest = 0
    for (let i = 0; i < 500; i++) {
      m.cut()
      longest = Math.max(longest, m.wait())
      expect(m.p.link).toBe('opening')
    }
    expect(longest).toBe(30_000)
  })

  it('counts from the start again after progress, and not after an open', () => {
    const m = machine()
    m.say({ type: 'start' })
    for (const tries of [1, 2, 3]) {
      m.live()
      m.cut()
      expect(m.p.tries).toBe(tries)
      m.wait()
    }
    m.live()
    m.say({ type: 'progress' })
    m.cut()
    expect([m.p.tries, m.p.transport]).toEqual([1, 0])
  })

  it('counts an answered heartbeat as progress: a quiet connection that lives is a good one', () => {
    const m = machine()
    m.say({ type: 'start' })
    for (let i = 0; i < 10; i++) {
      m.live()
      m.say({ type: 'ack', sent: 1, head: 1, seq: 1 })
      m.cut()
      m.wait()
    }
    expect([m.p.tries, m.p.transport]).toEqual([1, 0])
  })

  it('never retries a stop verdict, whatever the page goes through, until reconnect is asked for', () => {
    const m = machine()
    m.say({ type: 'start' })
    m.cut({ code: 4404, reason: 'task_not_found', retry: 'stop' })
    expect(m.p).toMatchObject({ state: 'failed', last: { code: 4404 } })
    for (const type of ['online', 'visible', 'suspend', 'resume', 'offline', 'start', 'tick'] as const) expect(m.say({ type })).toEqual([])
    expect(nextTick(m.p)).toBe(Infinity)
    expect(m.say({ type: 'reconnect' })).toEqual([{ do: 'open', transport: 0 }])
  })

  it('tries one fresh token, then stops', () => {
    const m = machine()
    m.say({ type: 'start' })
    const expired = { code: 4401, reason: 'token_expired', retry: 'stop' } as const
    expect(m.cut(expired)).toContainEqual({ do: 'open', transport: 0 })
    m.cut(expired)
    expect(m.p.state).toBe('failed')
  })

  it("obeys the server's wish to wait, and one to come at once only once", () => {
    const m = machine()
    m.say({ type: 'start' })
    m.cut({ code: 1012, retryAfterMs: 7000 })
    expect(m.wait()).toBe(7000)
    m.live()
    m.say({ type: 'progress' })
    m.cut({ code: 4508, retryAfterMs: 0 })
    expect(m.wait()).toBe(0)
    m.cut({ code: 4508, retryAfterMs: 0 })
    expect(m.wait()).toBe(2000)
  })

  it('leaves a transport that does not exist here at once', () => {
    const m = machine()
    m.say({ type: 'start' })
    m.cut({ code: null, reason: 'unavailable' })
    expect([m.wait(), m.p.transport]).toEqual([0, 1])
  })

  it('takes an open that says nothing for a failure', () => {
    const m = machine()
    m.say({ type: 'start' })
    expect(m.wait()).toBe(10_000)
    expect(m.p).toMatchObject({ state: 'reconnecting', tries: 1, last: { reason: 'timeout' } })
  })

  it('sends heartbeats only while connected', () => {
    const m = machine()
    m.say({ type: 'start' })
    expect(m.p.due.beat).toBeUndefined()
    m.live()
    expect(m.wait()).toBe(30_000)
    expect(m.done.at(-1)).toEqual({ do: 'beat' })
    m.say({ type: 'ack', sent: 5, head: 5, seq: 5 })
    expect(m.wait()).toBe(30_000)
    m.cut()
    expect(m.p.due.beat).toBeUndefined()
  })

  it('takes a heartbeat without an answer for half open, and reconnects', () => {
    const m = machine()
    m.say({ type: 'start' })
    m.live()
    m.wait()
    expect(m.wait()).toBe(10_000)
    expect(m.p).toMatchObject({ state: 'reconnecting', last: { reason: 'silent' } })
    expect(m.done.at(-1)).toEqual({ do: 'close', bye: false })
    expect(m.wait()).toBe(0)
    expect(m.done.at(-1)).toEqual({ do: 'open', transport: 0 })
  })

  it('reconnects when the server has sent what never came, or its head stands beyond us twice', () => {
    const m = machine()
    m.say({ type: 'start' })
    m.live()
    m.say({ type: 'ack', sent: 9, head: 9, seq: 7 })
    expect(m.p.last).toMatchObject({ reason: 'gap' })
    m.wait()
    m.live()
    m.say({ type: 'ack', sent: 7, head: 9, seq: 7 })
    expect(m.p.state).toBe('live')
    m.say({ type: 'ack', sent: 7, head: 9, seq: 7 })
    expect(m.p.last).toMatchObject({ reason: 'gap' })
  })

  it('notices a stream that has gone silent', () => {
    const m = machine({ transports: ['sse'] })
    m.say({ type: 'start' })
    m.live()
    m.now += 40_000
    m.say({ type: 'heard' })
    expect(m.wait()).toBe(45_000)
    expect(m.p.last).toMatchObject({ reason: 'silent' })
  })

  it('goes back up beside the working connection: a probe first, more and more rarely', () => {
    const m = machine({ transports: ['websocket', 'sse', 'poll'], silenceMs: 1e9 })
    m.say({ type: 'start' })
    for (let i = 0; i < 8; i++) {
      m.cut()
      m.wait()
    }
    expect(m.p.transport).toBe(2)
    m.live()
    expect(m.p.state).toBe('polling')
    const probes: [number, number][] = []
    for (let i = 0; i < 6; i++) {
      const waited = m.wait()
      probes.push([waited, (m.done.at(-1) as { transport: number }).transport])
      m.say({ type: 'probed', ok: false })
      expect(m.p).toMatchObject({ state: 'polling', link: 'open' })
    }
    expect(probes).toEqual([
      [15_000, 0],
      [15_000, 1],
      [30_000, 0],
      [30_000, 1],
      [60_000, 0],
      [60_000, 1],
    ])
    m.wait()
    m.say({ type: 'probed', ok: true })
    expect(m.done.slice(-3)).toEqual([{ do: 'unprobe' }, { do: 'close', bye: false }, { do: 'open', transport: 0 }])
    expect([m.p.transport, m.p.probeMs]).toEqual([0, 120_000])
    // Only once the higher one has proved itself is it probed often again.
    m.live()
    m.say({ type: 'progress' })
    expect(m.p.probeMs).toBe(0)
  })

  it('ends a probe that hangs, and one whose connection is cut', () => {
    const m = machine({ transports: ['websocket', 'poll'], silenceMs: 1e9 })
    m.say({ type: 'start' })
    m.cut({ reason: 'unavailable' })
    m.wait()
    m.live()
    m.wait()
    expect(m.p.probing).toBe(true)
    expect(m.wait()).toBe(10_000)
    expect(m.done.at(-1)).toEqual({ do: 'unprobe' })
    m.wait()
    expect(m.cut()).toContainEqual({ do: 'unprobe' })
  })

  it('connects at once when the network or the user is back', () => {
    for (const type of ['online', 'visible'] as const) {
      const m = machine()
      m.say({ type: 'start' })
      m.cut()
      expect(m.say({ type })).toEqual([{ do: 'open', transport: 0 }])
    }
  })

  it('says offline while the browser does, tries now and then all the same, and does not cut what works', () => {
    const m = machine()
    m.say({ type: 'start' })
    m.live()
    expect(m.say({ type: 'offline' })).toEqual([{ do: 'beat' }])
    expect(m.p.state).toBe('live')
    m.cut()
    expect(m.p.state).toBe('offline')
    expect(m.wait()).toBe(30_000)
    m.cut()
    m.say({ type: 'online' })
    expect(m.p).toMatchObject({ state: 'reconnecting', link: 'opening' })
  })

  it('goes with the page into the cache and comes back with it', () => {
    const m = machine()
    m.say({ type: 'start' })
    m.live()
    expect(m.say({ type: 'suspend' })).toEqual([{ do: 'close', bye: true }])
    expect(m.say({ type: 'online' })).toEqual([])
    expect(m.say({ type: 'resume' })).toEqual([{ do: 'open', transport: 0 }])
  })

  it('without automatic reconnect fails at the first cut, and comes back when told', () => {
    const m = machine({ autoReconnect: false })
    m.say({ type: 'start' })
    m.live()
    m.cut()
    expect(m.p).toMatchObject({ state: 'failed', last: { retry: 'reconnect' } })
    for (const type of ['online', 'visible', 'tick'] as const) expect(m.say({ type })).toEqual([])
    expect(m.say({ type: 'reconnect' })).toEqual([{ do: 'open', transport: 0 }])
  })

  it('waits before the first connect where that is wanted', () => {
    const m = machine({ delayMs: 500 })
    expect(m.say({ type: 'start' })).toEqual([])
    expect(m.say({ type: 'visible' })).toEqual([])
    expect(m.p.state).toBe('idle')
    expect(m.wait()).toBe(500)
    expect(m.p.state).toBe('connecting')
  })

  it('has ended after the terminal event, for good', () => {
    const m = machine()
    m.say({ type: 'start' })
    m.live()
    m.say({ type: 'terminal' })
    for (const type of ['online', 'visible', 'reconnect', 'start', 'resume', 'tick', 'stop'] as const) expect(m.say({ type })).toEqual([])
    expect(m.p.state).toBe('ended')
  })

  it('holds its rules whatever comes in whatever order', () => {
    const inputs: fc.Arbitrary<Input | 'wait'> = fc.oneof(
      { weight: 3, arbitrary: fc.constant('wait' as const) },
      fc.constantFrom<Input>(
        ...(['start', 'stop', 'suspend', 'resume', 'online', 'offline', 'visible', 'reconnect', 'heard', 'caught_up', 'progress', 'terminal'] as const).map(
          (type) => ({ type }),
        ),
        { type: 'connected', beatMs: 30_000 },
        { type: 'probed', ok: true },
        { type: 'probed', ok: false },
      ),
      fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map(([sent, head, seq]): Input => ({ type: 'ack', sent, head, seq })),
      fc
        .record({
          retry: fc.constantFrom('stop' as const, 'reconnect' as const),
          reason: fc.constantFrom('cut', 'gap', 'unavailable', 'token_expired', 'task_finished'),
          retryAfterMs: fc.constantFrom(undefined, 0, 5000),
        })
        .map((over): Input => ({ type: 'closed', ending: ending(over) })),
    )
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 120 }), (script) => {
        const m = machine({ jitter: 0.2 })
        let open = false
        let probing = false
        for (const input of script) {
          const before = m.p
          m.done = []
          if (input !== 'wait') m.say(input)
          else if (nextTick(m.p) < Infinity) m.wait()
          for (const action of m.done) {
            if (action.do === 'open') {
              expect(open).toBe(false)
              open = true
            } else if (action.do === 'close') {
              expect(open).toBe(true)
              open = false
            } else if (action.do === 'probe') {
              expect(probing).toBe(false)
              probing = true
              expect(action.transport).toBeLessThan(m.p.transport)
            } else if (action.do === 'unprobe') probing = false
            else expect(m.p.link).toBe('open')
          }
          const { p } = m
          expect(open).toBe(p.link !== 'none')
          expect(probing).toBe(p.probing)
          if (probing) expect(p.link).toBe('open')
          // Never stuck: who waits for a connection has a time, who has one notices when it dies.
          if (['reconnecting', 'connecting', 'offline'].includes(p.state)) expect(nextTick(p)).toBeLessThan(Infinity)
          if (p.link === 'open') expect(nextTick(p)).toBeLessThan(Infinity)
          if (['ended', 'failed'].includes(p.state)) expect([open, nextTick(p)]).toEqual([false, Infinity])
          if (before.state === 'ended') expect(p.state).toBe('ended')
          if (before.state === 'failed' && p.state !== 'failed') expect(['reconnect', 'stop', 'terminal']).toContain((input as Input).type)
          expect(p.tries).toBeLessThanOrEqual(3)
          if (p.due.retry !== undefined) expect(p.due.retry - m.now).toBeLessThanOrEqual(36_000)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
