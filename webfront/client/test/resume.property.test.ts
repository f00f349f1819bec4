import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TransportName } from '../src/policy.js'
import { createFold } from '../src/view.js'
import type { Step } from './support/fake-viewer.js'
import { inState, stage } from './support/watching.js'

/** What may befall a connection. Times are not in it: whatever the moment, the outcome has to be the same. */
const breaking: fc.Arbitrary<Step> = fc.oneof(
  fc.constant({}),
  fc.constant({ drop: true }),
  fc.constant({ twice: true }),
  fc.record({ cutAfter: fc.nat(12) }),
  fc.record({ closeAfter: fc.nat(12), code: fc.constantFrom(1001, 1012, 1013, 4508), retryAfterMs: fc.constantFrom(0, 3) }),
  fc.record({ skip: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ muteAfter: fc.integer({ min: 3, max: 12 }) }),
  fc.constant({ refuse: 503, word: 'unavailable', retry: 'reconnect' as const, retryAfterMs: 1 }),
)
type Deed =
  | { token: string; channel: string }
  | { item: string }
  | { checkpoint: true }
  | { retry: true }
  | { cut: true }
  | { block: TransportName }
  | { unblock: TransportName }
  | { drain: true }
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ token: fc.string({ minLength: 1, maxLength: 3 }), channel: fc.constantFrom('main', 'side') }) },
  { weight: 2, arbitrary: fc.record({ item: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 1, arbitrary: fc.constant({ checkpoint: true as const }) },
  { weight: 1, arbitrary: fc.constant({ retry: true as const }) },
  { weight: 2, arbitrary: fc.constant({ cut: true as const }) },
  { weight: 1, arbitrary: fc.record({ block: fc.constantFrom<TransportName>('websocket', 'sse') }) },
  { weight: 1, arbitrary: fc.record({ unblock: fc.constantFrom<TransportName>('websocket', 'sse') }) },
  { weight: 1, arbitrary: fc.constant({ drain: true as const }) },
)

describe('whatever happens on the way', () => {
  const { server: start, watch } = stage()

  it('gives the view of the log: cuts, duplicates, losses, silence, merges, refusals and switches of transport in any order', async () => {
    let n = 0
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          deeds: fc.array(deed, { maxLength: 30 }),
          scripts: fc.record({
            websocket: fc.array(breaking, { maxLength: 6 }),
            sse: fc.array(breaking, { maxLength: 4 }),
            poll: fc.array(breaking, { maxLength: 4 }),
          }),
          transports: fc.shuffledSubarray<TransportName>(['websocket', 'sse', 'poll'], { minLength: 1 }),
          compact: fc.boolean(),
        }),
        async ({ deeds, scripts, transports, compact }) => {
          const server = await start()
          server.heartbeatMs = 15
          const id = `t_random${++n}`
          const fake = server.task(id)
          for (const name of ['websocket', 'sse', 'poll'] as const) server.script(name, ...scripts[name])
          const seqs: number[] = []
          const short = { backoffMs: 2, maxBackoffMs: 10, connectTimeoutMs: 300, ackTimeoutMs: 40, silenceMs: 60, probeMs: 5, pollHoldMs: 30 }
          const task = watch(server, { ...short, transports, compact, onEvent: (event) => 'seq' in event && seqs.push(event.seq) }, id)
          let checkpoint = 1
          for (const one of deeds) {
            if ('token' in one) fake.token(one.token, one.channel)
            else if ('item' in one) fake.append('item', { item_id: one.item, title: one.item, status: 'started', parent: null, data: null })
            else if ('checkpoint' in one) checkpoint = fake.checkpoint()
            else if ('retry' in one) fake.append('retrying', { attempt: 2, reason: 'boom', delay_ms: 0, supersedes_after: checkpoint })
            else if ('cut' in one) server.cut()
            else if ('block' in one && transports.length > 1) server.block(one.block)
            else if ('unblock' in one) server.unblock(one.unblock)
            else if ('drain' in one) server.drain(2)
            await new Promise(setImmediate)
          }
          server.unblock('websocket', 'sse')
          fake.complete('done')
          await inState(task, 'ended')
          const straight = createFold()
          fake.events.forEach(straight.apply)
          expect(task.state).toMatchObject(straight.view())
          expect(task.state.cursor).toBe(`e1:${fake.events.length}`)
          // In order, nothing twice; and without merging, nothing left out.
          expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
          if (!compact) expect(seqs.length).toBe(fake.events.length)
          task.stop()
          await server.close()
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 100), interruptAfterTimeLimit: Number(process.env.LIMIT_MS ?? 15_000), markInterruptAsFailure: false },
    )
  }, 600_000)
})
