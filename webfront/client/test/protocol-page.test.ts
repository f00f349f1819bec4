import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ControlMessage, createFold, isTerminal, type TaskEvent, type TaskSnapshot } from '../src/index.js'

const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.split(/\n(?=\{)/).map((one) => JSON.parse(one) as object))
const known = { connected: 1, history_reset: 1, caught_up: 1, closing: 1, error: 1, current_status: 1, heartbeat_ack: 1 } satisfies Record<
  ControlMessage['type'],
  1
>

describe('the protocol page', () => {
  it('has examples that this client understands: events, the snapshot, what the server says', () => {
    const events = examples.filter((one): one is TaskEvent => 'seq' in one)
    const snapshots = examples.filter((one): one is TaskSnapshot => 'epoch' in one && 'status' in one)
    const said = examples.filter((one): one is ControlMessage => 'type' in one && (one.type as string) in known)
    expect([events.length > 0, snapshots.length > 0, said.length > 4]).toEqual([true, true, true])
    const fold = createFold()
    events.forEach(fold.apply)
    expect(fold.view().progress).toMatchObject({ percent: 40, stage: 'tokens' })
    fold.seed(snapshots[0]!)
    expect(fold.view()).toMatchObject({ status: 'running', kind: 'echo', pendingReview: null })
  })

  it('lists the event types that this client folds, and which of them are terminal', () => {
    const table = page.slice(page.indexOf('| type | data | note |'), page.indexOf('A generator may add types'))
    const types = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, type]) => type!)
    expect(types).toEqual([
      'created',
      'started',
      'progress',
      'token',
      'item',
      'batch',
      'artifact',
      'debug',
      'input',
      'review_required',
      'review_resolved',
      'retrying',
      'completed',
      'failed',
      'cancelled',
    ])
    for (const type of types) expect(isTerminal(type)).toBe(new RegExp(`\\| \`${type}\` .*terminal`).test(table))
  })
})
