import { createServer, type AddressInfo } from 'node:net'
import { expect, inject, test } from 'vitest'
import { createApi } from './support/api'
import { badge, countSockets, expectWhole, token, useBrowser } from './support/browser'

// Users' browsers have the cache of pages that playwright turns off.
const chromium = useBrowser(['--disable-back-forward-cache'])
const url = inject('url')
const api = createApi(url)

test('back out of the cache of pages, the page itself goes on where it was', async () => {
  const elsewhere = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 18\r\nconnection: close\r\n\r\n<h1>elsewhere</h1>'))
  await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done))
  const task = await api.held()
  const page = await (await chromium.user()).newPage()
  const sockets = countSockets(page)
  await page.goto(`${url}/playground/?task=${task}`)
  await token(page, 30)
  await page.evaluate(() => {
    const kept = Object.assign(window, { shown: 'not yet' })
    addEventListener('pageshow', ({ persisted }) => (kept.shown = persisted ? 'kept' : 'anew'))
  })
  await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`)
  await page.getByRole('heading', { name: 'elsewhere' }).waitFor()
  await expect.poll(() => api.sessions(task)).toEqual([])

  await page.goBack({ waitUntil: 'commit' })
  await badge(page, 'live', 'websocket')
  expect(await page.evaluate(() => (window as unknown as { shown?: string }).shown)).toBe('kept')
  expect(sockets.opened).toBe(2)
  await api.released(task)
  await expectWhole(page, api, task)
  elsewhere.close()
})
