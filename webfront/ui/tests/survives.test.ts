import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, inject, test } from 'vitest'
import { createApi } from './support/api'
import { badge, countSockets, expectWhole, quick, token, useBrowser } from './support/browser'
import { startCaddy } from './support/caddy'
import { startServer } from './support/server'

const chromium = useBrowser()
const url = inject('url')
const api = createApi(url)
const watched = (taskId: string, server = url) => `${server}/playground/?task=${taskId}`

test('a reload in mid-stream goes on where it was', async () => {
  const task = await api.held()
  const page = await (await chromium.user()).newPage()
  await page.goto(watched(task))
  await token(page, 30)
  await page.reload()
  await api.released(task)
  await expectWhole(page, api, task)
})

test('away to another host in mid-stream and back: navigation is not held up, and the text is whole', async () => {
  const elsewhere = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<h1>elsewhere</h1>'))
  await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done))
  const task = await api.held()
  const page = await (await chromium.user()).newPage()
  await page.goto(watched(task))
  await token(page, 30)
  await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`)
  await page.getByRole('heading', { name: 'elsewhere' }).waitFor()
  await api.released(task)
  await page.goBack()
  await expectWhole(page, api, task)
  elsewhere.close()
})

test('offline, then online again', async () => {
  const task = await api.held()
  const context = await chromium.user({ ...quick, heartbeatMs: 300, ackTimeoutMs: 300 })
  const page = await context.newPage()
  await page.goto(watched(task))
  await token(page, 20)
  await context.setOffline(true)
  await badge(page, 'offline')
  await api.released(task)
  await api.ended(task)
  await context.setOffline(false)
  await expectWhole(page, api, task)
})

test('two tabs share one connection, and the one that stays takes it over', async () => {
  const task = await api.held()
  const context = await chromium.user()
  const first = await context.newPage()
  await first.goto(watched(task))
  await token(first, 20)
  const second = await context.newPage()
  await second.goto(watched(task))
  await token(second, 20)
  await badge(second, 'live')
  expect(await api.sessions(task)).toHaveLength(1)
  await first.close()
  await api.released(task)
  await expectWhole(second, api, task)
})

test('the server is killed and started again', async () => {
  const server = await startServer()
  try {
    const its = createApi(server.url)
    const task = await its.held()
    const page = await (await chromium.user()).newPage()
    await page.goto(watched(task, server.url))
    await token(page, 30)
    await server.kill()
    await badge(page, 'reconnecting')
    await server.start()
    await its.released(task)
    await expectWhole(page, its, task)
  } finally {
    await server.remove()
  }
})

test('a proxy reloads its configuration and cuts the socket', async () => {
  const caddy = await startCaddy(url)
  try {
    const task = await api.held()
    const page = await (await chromium.user()).newPage()
    const sockets = countSockets(page)
    await page.goto(watched(task, caddy.url))
    await token(page, 30)
    await caddy.reload()
    await expect.poll(() => sockets.opened, { timeout: 45_000 }).toBe(2)
    await api.released(task)
    await expectWhole(page, api, task)
  } finally {
    await caddy.stop()
  }
})

test('the monitor comes back by itself after a front is killed and its proxy has answered 502', async () => {
  const server = await startServer()
  const caddy = await startCaddy(server.url)
  try {
    const page = await (await chromium.user()).newPage()
    await page.goto(caddy.url + '/monitor/')
    await badge(page, 'live', 'sse')
    const refused = page.waitForResponse((answer) => answer.url().endsWith('/monitor/stream') && answer.status() === 502)
    await server.kill()
    await refused
    await badge(page, 'reconnecting')
    await server.start()
    await badge(page, 'live', 'sse')
  } finally {
    await caddy.stop()
    await server.remove()
  }
})

test('a task that finished while nobody looked is whole', async () => {
  const task = await api.echo({ count: 50, interval_ms: 5 })
  const context = await chromium.user()
  const page = await context.newPage()
  await page.goto(watched(task))
  await token(page, 5)
  await page.goto('about:blank')
  await api.ended(task)
  await page.goto(watched(task))
  await expectWhole(page, api, task)
})

test('an unknown task: one attempt, one clear message, no loop', async () => {
  const page = await (await chromium.user()).newPage()
  const sockets = countSockets(page)
  await page.goto(watched('t_nobody-knows-it'))
  await badge(page, 'failed')
  expect(await page.getByRole('alert').innerText()).toContain("There is no task 't_nobody-knows-it'")
  await page.locator('.badge-face').click()
  expect(await page.locator('.badge-more').innerText()).not.toContain('next try')
  expect(sockets.opened).toBe(1)
})

test('a quiet stream over many heartbeats has exactly one connection', async () => {
  const task = await api.echo({ count: 2, interval_ms: 60_000 })
  const page = await (await chromium.user({ ...quick, heartbeatMs: 100 })).newPage()
  const sockets = countSockets(page)
  await page.goto(watched(task))
  await badge(page, 'live')
  await expect.poll(() => sockets.sent.filter((one) => one.includes('heartbeat')).length, { timeout: 45_000 }).toBeGreaterThan(20)
  expect(sockets.opened).toBe(1)
  expect(await api.sessions(task)).toHaveLength(1)
  await api.call(`/tasks/${task}/cancel`, {})
})
