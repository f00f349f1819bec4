import { expect, inject, test } from 'vitest'
import type { Page } from 'playwright-core'
import { createApi } from './support/api'
import { badge, countSockets, expectWhole, quick, token, useBrowser } from './support/browser'

const chromium = useBrowser()
const url = inject('url')
const api = createApi(url)

const open = async (taskId: string, settings: object = quick): Promise<Page> => {
  const page = await (await chromium.user(settings)).newPage()
  await page.goto(`${url}/playground/?task=${taskId}`)
  return page
}

test('WebSocket blocked: it falls to SSE, then to polling, then comes back up', async () => {
  const task = await api.held()
  const page = await open(task)
  await badge(page, 'live', 'websocket')
  await page.getByLabel('Block WebSocket').check()
  await badge(page, 'live', 'sse')
  await page.getByLabel('Block SSE too').check()
  await badge(page, 'polling', 'poll')
  await page.getByLabel('Block WebSocket').uncheck()
  await page.getByLabel('Block SSE too').uncheck()
  await badge(page, 'live', 'websocket')
  await api.released(task)
  await expectWhole(page, api, task)
})

test('the socket is cut again and again, and no event is lost', async () => {
  const task = await api.held()
  const page = await (await chromium.user()).newPage()
  const sockets = countSockets(page)
  await page.goto(`${url}/playground/?task=${task}`)
  for (const n of [20, 60, 100]) {
    await token(page, n)
    await page.getByRole('button', { name: 'Cut the socket' }).click()
  }
  await api.released(task)
  await expectWhole(page, api, task)
  expect(sockets.opened).toBe(4)
})

test('a half-open connection is found by its heartbeat', async () => {
  const task = await api.held()
  const page = await open(task, { ...quick, heartbeatMs: 200, ackTimeoutMs: 400 })
  await token(page, 20)
  await page.getByRole('button', { name: 'Go half-open' }).click()
  await api.released(task)
  await api.ended(task)
  await expectWhole(page, api, task)
  await page.getByText('What the connection went through').click()
  expect(await page.getByRole('region', { name: 'What the connection went through' }).innerText()).toContain('half open')
})

test('a throttled connection lags, and loses nothing', async () => {
  const task = await api.held()
  const page = await open(task)
  await page.getByLabel('Throttle').selectOption('20000')
  await api.released(task)
  await api.ended(task)
  await expectWhole(page, api, task)
})

test('without automatic reconnect a cut is final, until the button', async () => {
  const task = await api.held()
  const page = await open(task, { ...quick, autoReconnect: false })
  await token(page, 20)
  await page.getByRole('button', { name: 'Cut the socket' }).click()
  await badge(page, 'failed')
  await page.getByRole('button', { name: 'Reconnect', exact: true }).first().click()
  await api.released(task)
  await expectWhole(page, api, task)
})

test('50,000 tokens at once freeze nothing: no task of the page takes 200 ms of its thread', async () => {
  const page = await (await chromium.user()).newPage()
  await page.goto(url + '/playground/')
  await chromium.browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] })
  await page.getByRole('button', { name: '50,000 tokens at once' }).click()
  await page.waitForURL(/task=/)
  const task = new URL(page.url()).searchParams.get('task')!
  await expectWhole(page, api, task)
  const { traceEvents } = JSON.parse((await chromium.browser.stopTracing()).toString()) as { traceEvents: { name: string; pid: number; tid: number; dur?: number; tdur?: number; args: { name?: string } }[] }
  const mains = new Set(traceEvents.filter((one) => one.name === 'thread_name' && one.args.name === 'CrRendererMain').map((one) => `${one.pid}/${one.tid}`))
  const tasks = traceEvents.filter((one) => one.name.endsWith('RunTask') && mains.has(`${one.pid}/${one.tid}`) && one.tdur !== undefined)
  expect(tasks.length).toBeGreaterThan(100)
  // The thread's own time: what else runs on this machine does not count.
  expect(tasks.map((one) => one.tdur! / 1000).filter((ms) => ms > 200)).toEqual([])
})
