import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Api } from './api'

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Waits are so short that a test of a reconnect takes no minute. */
export const quick = { backoffMs: 50, probeMs: 200 }

/** A browser for the tests of a file, and new contexts in it, which end with their test. `without`: of the flags that playwright gives it. */
export const useBrowser = (without: string[] = []) => {
  let browser: Browser
  let contexts: BrowserContext[] = []
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags, ignoreDefaultArgs: without })
  })
  afterEach(async () => {
    await Promise.all(contexts.map((one) => one.close()))
    contexts = []
  })
  afterAll(() => browser?.close())

  return {
    get browser() {
      return browser
    },
    /** A user with these settings of the connection. */
    async user(settings: object = quick, options: BrowserContextOptions = {}): Promise<BrowserContext> {
      const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options })
      contexts.push(context)
      context.setDefaultTimeout(45_000)
      await context.addInitScript((kept) => localStorage.setItem('holdfast.connection', kept), JSON.stringify(settings))
      return context
    },
  }
}

/** Holds until the badge says so. */
export const badge = (page: Page, state: string, transport?: string) =>
  page.locator(`.badge[data-state="${state}"]${transport ? `[data-transport="${transport}"]` : ''}`).waitFor()

/** Holds until the n-th token of an echo task is on the page. */
export const token = (page: Page, n: number) => page.locator('.stream').filter({ hasText: `${n}:` }).waitFor()

export const shownText = (page: Page) => page.locator('.stream').evaluate((box) => box.textContent ?? '')

/** Holds until the task is over, and looks whether all of it is there: each event once, in order, and the text that the log has. */
export const expectWhole = async (page: Page, api: Api, taskId: string) => {
  await page.locator('.status[data-status="completed"]').waitFor()
  await badge(page, 'ended')
  expect(await shownText(page)).toBe(await api.text(taskId))
  expect(await page.locator('[data-misplaced]').getAttribute('data-misplaced')).toBe('0')
}

/** Counts the sockets that a page opens to the server. */
export const countSockets = (page: Page) => {
  const count = { opened: 0, sent: [] as string[] }
  page.on('websocket', (socket) => {
    if (!new URL(socket.url()).pathname.startsWith('/api/')) return
    count.opened++
    socket.on('framesent', ({ payload }) => count.sent.push(String(payload)))
  })
  return count
}
