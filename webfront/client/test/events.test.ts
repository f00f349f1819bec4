import { describe, expect, it } from 'vitest'
import { HoldfastError, type TaskEvent } from '../src/index.js'
import { inState, stage, until } from './support/watching.js'

const { server: start, watch } = stage()

describe('iterating over the events', () => {
  const collect = async (events: AsyncIterable<unknown>) => {
    const seqs: number[] = []
    for await (const event of events) seqs.push((event as TaskEvent).seq)
    return seqs
  }

  it('gives each once, in order, and ends with the task', async () => {
    const server = await start()
    const fake = server.task()
    const task = watch(server, { compact: false })
    const all = collect(task)
    await inState(task, 'live')
    fake.token('a')
    server.cut()
    fake.token('b')
    fake.complete()
    expect(await all).toEqual([1, 2, 3, 4])
  })

  it('gives one that comes late what was before', async () => {
    const server = await start()
    const fake = server.task()
    for (let i = 0; i < 2500; i++) fake.token('x')
    const task = watch(server, { compact: false })
    await until(task, ({ text }) => text.main?.length === 2500)
    const all = collect(task)
    fake.token('y')
    fake.complete()
    expect(await all).toEqual(Array.from({ length: 2503 }, (_, i) => i + 1))
  })

  it('lets a slow reader read on from pages, and holds no more than a bounded number for it', async () => {
    const server = await start()
    const fake = server.task()
    const task = watch(server, { compact: false })
    const events = task[Symbol.asyncIterator]()
    await events.next()
    for (let i = 0; i < 25_000; i++) fake.token('x')
    await until(task, ({ text }) => text.main?.length === 25_000)
    fake.complete()
    const seqs = await collect({ [Symbol.asyncIterator]: () => events })
    expect(server.pages).toBeGreaterThan(10)
    expect(seqs.length).toBe(25_001)
    expect(seqs.every((seq, i) => seq === i + 2)).toBe(true)
  })

  it('never mixes two logs, however slow the reader', async () => {
    const server = await start()
    const fake = server.task()
    const task = watch(server, { compact: false })
    const events = task[Symbol.asyncIterator]()
    await events.next()
    for (let i = 0; i < 15_000; i++) fake.token('old')
    await until(task, ({ text }) => text.main?.length === 45_000)
    fake.renew()
    for (let i = 0; i < 15; i++) fake.token('new')
    server.cut()
    await until(task, ({ cursor }) => cursor === 'e2:16')
    fake.complete()
    let epoch = 1
    const seqs: number[] = []
    for await (const event of { [Symbol.asyncIterator]: () => events }) {
      if (event.type === 'history_reset') epoch++
      else if (event.type === 'token') expect(event.data.delta).toBe(epoch === 1 ? 'old' : 'new')
      if (epoch === 2 && 'seq' in event) seqs.push(event.seq)
    }
    expect([epoch, seqs]).toEqual([2, Array.from({ length: 17 }, (_, i) => i + 1)])
  })

  it('ends when the watcher stops, and throws when the connection has failed', async () => {
    const server = await start()
    server.task()
    const task = watch(server)
    const all = collect(task)
    await inState(task, 'live')
    task.stop()
    expect(await all).toEqual([1])
    const lost = watch(server, {}, 't_nowhere1')
    await expect(collect(lost)).rejects.toBeInstanceOf(HoldfastError)
  })

  it('says when the log is another one', async () => {
    const server = await start()
    const fake = server.task()
    fake.token('old')
    const task = watch(server)
    const types: string[] = []
    const all = (async () => {
      for await (const event of task) types.push(event.type)
    })()
    await inState(task, 'live')
    fake.renew()
    server.cut()
    fake.complete()
    await all
    expect(types).toEqual(['created', 'token', 'history_reset', 'created', 'completed'])
  })
})
