import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ControlMessage, createFold, isTerminal, type TaskEvent, type TaskSnapshot } from '../src/index.js'
import { inState, stage } from './support/watching.js'

const { server: start, watch } = stage()
const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.split(/\n(?=\{)/).map((one) => JSON.parse(one) as object))
const said = { connected: 1, history_reset: 1, caught_up: 1, closing: 1, error: 1, current_status: 1, heartbeat_ack: 1 } satisfies Record<
  ControlMessage['type'],
  1
>
const commands = ['heartbeat', 'ack', 'status', 'cancel', 'review', 'bye']

type Sort = 'event' | 'snapshot' | 'said' | 'command' | 'unknown'
const sortOf = (one: object): Sort => {
  if ('seq' in one) return 'event'
  if ('epoch' in one && 'status' in one) return 'snapshot'
  const type = 'type' in one ? String(one.type) : ''
  return type in said ? 'said' : commands.includes(type) ? 'command' : 'unknown'
}
const of = <Example>(sort: Sort) => examples.filter((one) => sortOf(one) === sort) as Example[]

describe('the protocol page', () => {
  it('has examples of all sorts, and none that this client does not know', () => {
    expect(of('unknown')).toEqual([])
    expect([of('event').length, of('snapshot').length]).toEqual([1, 1])
    expect(of<ControlMessage>('said').map(({ type }) => type)).toEqual(['connected', 'history_reset', 'caught_up', 'closing', 'error'])
    expect(of<{ type: string }>('command').map(({ type }) => type)).toEqual(commands)
  })

  it('has an event and a snapshot that this client folds', () => {
    const fold = createFold()
    of<TaskEvent>('event').forEach(fold.apply)
    expect(fold.view().progress).toMatchObject({ percent: 40, stage: 'tokens' })
    fold.seed(of<TaskSnapshot>('snapshot')[0]!)
    expect(fold.view()).toMatchObject({ status: 'running', kind: 'echo', pendingReview: null })
  })

  it.each(['websocket', 'sse'] as const)('has messages of the server that this client obeys, each of them (%s)', async (transport) => {
    const example = <Type extends ControlMessage['type']>(type: Type) => of<ControlMessage & { type: Type }>('said').find((one) => one.type === type)!
    const [snapshot] = of<TaskSnapshot>('snapshot')
    const server = await start()
    server.task(snapshot!.task_id)
    // Only commands are answered with an error that is not fatal, and only WebSockets have commands.
    const errors = transport === 'websocket' ? [example('error')] : []
    server.script(
      transport,
      { says: [example('connected'), { ...snapshot, type: 'current_status' }, ...errors, example('caught_up')] },
      { says: [example('connected'), example('history_reset'), example('closing')] },
    )
    const task = watch(server, { transports: [transport], from: 'now' }, snapshot!.task_id)
    const { cursor, status, task: told } = await inState(task, 'live')
    expect([cursor, status, told]).toEqual([example('caught_up').cursor, snapshot!.status, { ...snapshot, type: 'current_status' }])
    server.cut()
    await server.until(() => server.accepted.length === 3)
    expect(server.accepted.map(({ query }) => [query.get('session_id'), query.get('after')])).toEqual([
      [null, null],
      [example('connected').session_id, example('caught_up').cursor],
      [example('connected').session_id, `${example('history_reset').epoch}:0`],
    ])
    // It said that all is told, and the last event had not come: a gap, and no end.
    expect(task.log.map(({ state, reason }) => [state, reason]).filter(([state]) => state === 'reconnecting')).toContainEqual(['reconnecting', 'gap'])
  })

  it('has the commands that this client sends, just so', async () => {
    const server = await start()
    server.task()
    const task = watch(server, { heartbeatMs: 10 })
    await inState(task, 'live')
    await server.until(() => server.commands.length > 0)
    task.stop()
    await server.until(() => server.byes === 1)
    for (const type of ['heartbeat', 'bye']) {
      const sent = server.commands.find((one) => one.type === type)
      expect(Object.keys(sent!), type).toEqual(Object.keys(of<{ type: string }>('command').find((one) => one.type === type)!))
    }
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
