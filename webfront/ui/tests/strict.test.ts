import { fileURLToPath } from 'node:url'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createApi } from './support/api'
import { badge, countSockets, expectWhole, token, useBrowser } from './support/browser'

const chromium = useBrowser()
const api = createApi(inject('url'))
let vite: ViteDevServer

// Only React's development build mounts everything twice.
beforeAll(async () => {
  process.env.HOLDFAST_URL = inject('url')
  vite = await createServer({ root: fileURLToPath(new URL('..', import.meta.url)), mode: 'development', logLevel: 'error', server: { port: 0, hmr: false } })
  await vite.listen()
})
afterAll(() => vite?.close())

test('under StrictMode, which mounts everything twice, a task has one connection', async () => {
  const page = await (await chromium.user()).newPage()
  const sockets = countSockets(page)
  const task = await api.held({ count: 40 })
  await page.goto(`${vite.resolvedUrls!.local[0]}playground/?task=${task}`)
  await badge(page, 'live', 'websocket')
  await token(page, 10)
  expect(await api.sessions(task)).toHaveLength(1)
  await api.released(task)
  await expectWhole(page, api, task)
  expect(sockets.opened).toBe(1)
  expect(await page.evaluate(() => document.querySelector('script[src*="@vite/client"]') !== null)).toBe(true)
})
