import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, inject, test } from 'vitest'
import type { Page } from 'playwright-core'
import { createApi } from './support/api'
import { badge, quick, token, useBrowser } from './support/browser'

const chromium = useBrowser()
const url = inject('url')
const api = createApi(url)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const desktop = { width: 1280, height: 900 }
const phone = { width: 390, height: 844 }

/** What axe finds serious on a page. */
const serious = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }).axe.run()
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  })
}

const document = (sections: number) =>
  Array.from({ length: sections }, (_, n) => `# Part ${n + 1}\n\nThe harbour of part ${n + 1} keeps its **ships** safe. A ship needs an anchor number ${n + 1}. Anchors hold fast in sand and mud.\n`).join('\n')

test.each(['light', 'dark'] as const)('axe finds nothing serious on any page (%s)', async (colorScheme) => {
  const echo = await api.echo({ count: 30, interval_ms: 0 })
  const review = await api.create('roadmap', { document: document(6), review: true })
  const failed = await api.echo({ count: 3, interval_ms: 0, fail_at: 2, fail_times: 9 })
  const quiet = await api.echo({ count: 2, interval_ms: 60_000 })
  const context = await chromium.user(undefined, { colorScheme })
  const viewer = await context.newPage()
  await viewer.goto(`${url}/playground/?task=${quiet}`)
  await badge(viewer, 'live')
  const [session] = await api.sessions(quiet)
  const page = await context.newPage()
  const pages: Record<string, () => Promise<void>> = {
    '/': () => page.getByRole('heading', { level: 1 }).waitFor(),
    [`/roadmap/?task=${review}`]: () => page.getByRole('button', { name: 'Approve' }).waitFor(),
    '/playground/': () => page.getByRole('heading', { level: 1 }).waitFor(),
    [`/playground/?task=${echo}`]: () => badge(page, 'ended'),
    '/playground/?task=t_nobody-knows-it': () => badge(page, 'failed'),
    '/tasks/': () => page.locator(`tr[data-task="${failed}"]`).waitFor(),
    [`/monitor/?task=${echo}`]: () => page.getByText('event 35 of 35').or(page.locator('.log tbody tr').first()).first().waitFor(),
    [`/monitor/?session=${session!.session_id}`]: () => page.getByText('connected', { exact: true }).first().waitFor(),
  }
  for (const [path, ready] of Object.entries(pages)) {
    await page.goto(url + path)
    await ready()
    if (path.startsWith('/monitor')) await page.locator('figure.chart').first().waitFor()
    for (const viewport of [desktop, phone]) {
      await page.setViewportSize(viewport)
      await expect.poll(() => page.evaluate(() => window.document.documentElement.scrollWidth - innerWidth), { message: `${path} is wider than ${viewport.width}` }).toBeLessThanOrEqual(0)
      expect(await serious(page), `${path} at ${viewport.width}`).toEqual([])
    }
  }
  await api.call(`/tasks/${quiet}/cancel`, {})
})

test.each([
  ['desktop', desktop],
  ['phone', phone],
] as const)('what can be pressed stays where it is while the text grows (%s)', async (_, viewport) => {
  const task = await api.echo({ count: 3000, interval_ms: 60 })
  const page = await (await chromium.user(quick, { viewport })).newPage()
  const places: number[] = []
  page.on('console', (message) => message.text().startsWith('at ') && places.push(Number(message.text().slice(3))))
  // A look at every frame, in the page itself: a question from outside could miss the frame that counts.
  await page.addInitScript(() => {
    let last = NaN
    const look = () => {
      const box = [...window.document.querySelectorAll('label')].find((one) => one.textContent === 'Block WebSocket')
      const now = box && window.document.querySelector('.stream') ? Math.round(box.getBoundingClientRect().top + scrollY) : NaN
      if (!Number.isNaN(now) && now !== last) console.log(`at ${now}`)
      if (!Number.isNaN(now)) last = now
      requestAnimationFrame(look)
    }
    look()
  })
  await page.goto(`${url}/playground/?task=${task}`)
  await token(page, 80)
  expect(places).toHaveLength(1)
  await api.call(`/tasks/${task}/cancel`, {})
})

test('a roadmap: reviewed with changes, written, read, saved', async () => {
  const page = await (await chromium.user()).newPage()
  await page.goto(url)
  await page.getByLabel('A long text or Markdown document').fill(document(8))
  await page.getByLabel('Review the stages before they are written').check()
  await page.getByRole('button', { name: 'Make a roadmap' }).click()
  await page.getByLabel('Title of stage 1', { exact: true }).fill('Where ships are safe')
  await page.getByLabel('Title of concept 1 of stage 1').fill('The first of all')

  // Down from the end of a stage is up to the next one, and the button stays under the hand.
  const titles = (stage: number) => page.getByRole('textbox', { name: new RegExp(`of stage ${stage}$`) })
  const last = await titles(1).last().inputValue()
  await page.getByRole('button', { name: `Move down: ${last}` }).last().click()
  expect(await titles(2).nth(1).inputValue()).toBe(last)
  expect(await page.evaluate(() => globalThis.document.activeElement?.getAttribute('aria-label'))).toBe(`Move down: ${last}`)
  await page.getByRole('button', { name: 'Approve with these changes' }).click()
  await page.locator('.status[data-status="completed"]').waitFor()
  await page.getByRole('heading', { name: 'Where ships are safe' }).waitFor()
  expect(await page.locator('blockquote strong').first().innerText()).toBe('ships')
  expect(await page.locator('.plan').innerText()).not.toContain('**')
  expect(await page.locator('.stages > li').nth(1).locator('.concept h3').first().innerText()).toContain(last)
  expect(await page.locator('.concept[data-state="completed"]').count()).toBe(await page.locator('.concept').count())
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download Markdown' }).click()
  const markdown = readFileSync(await (await saved).path(), 'utf8')
  expect(markdown).toContain('## 1. Where ships are safe')
  expect(markdown).toContain('### The first of all')
  expect(markdown).toContain('> ')
})

test('the list is live: a task comes, is cancelled, and is run again', async () => {
  const page = await (await chromium.user()).newPage()
  await page.goto(url + '/tasks/?status=active')
  await badge(page, 'live')
  const task = await api.create('echo', { count: 1000, interval_ms: 50 }, { title: 'one of the list' })
  const row = page.locator(`tr[data-task="${task}"]`)
  await row.getByRole('button', { name: 'Cancel: one of the list' }).click()
  await row.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'cancelled', exact: true }).click()
  await row.getByRole('button', { name: 'Run again: one of the list' }).click()
  await page.getByRole('button', { name: 'active', exact: true }).click()
  await page.getByRole('link', { name: 'one of the list' }).click()
  await badge(page, 'live', 'websocket')
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.locator('.status[data-status="cancelled"]').waitFor()
})

test('what runs is found again on the start page', async () => {
  const task = await api.create('echo', { count: 1000, interval_ms: 50 }, { title: 'still running' })
  const page = await (await chromium.user()).newPage()
  await page.goto(url + '/playground/')
  await page.getByRole('link', { name: 'still running' }).click()
  await badge(page, 'live')
  expect(page.url()).toContain(task)
  await api.call(`/tasks/${task}/cancel`, {})
})

test('the monitor draws what its stream says, and no gap is among it', async () => {
  const task = await api.echo({ count: 1000, interval_ms: 20 })
  const context = await chromium.user()
  const viewer = await context.newPage()
  await viewer.goto(`${url}/playground/?task=${task}`)
  await badge(viewer, 'live', 'websocket')
  const page = await context.newPage()
  await page.goto(url + '/monitor')
  await badge(page, 'live')
  await page.locator('figure.chart canvas').nth(5).waitFor()
  await expect.poll(() => page.locator('figure.chart').nth(2).getByRole('listitem').first().innerText()).toMatch(/stored [1-9]/)
  const gaps = page.locator('.figure').filter({ hasText: 'Gaps in streams' })
  expect(await gaps.locator('dd').innerText()).toBe('0')
  await page.getByLabel('Task id').fill(task)
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('slider').fill('0')
  await page.getByRole('cell', { name: 'created', exact: true }).waitFor()
  await api.call(`/tasks/${task}/cancel`, {})
})

test('one session: who it is, how it does, and how it went', async () => {
  const task = await api.echo({ count: 1000, interval_ms: 20 })
  const context = await chromium.user()
  const viewer = await context.newPage()
  await viewer.goto(`${url}/playground/?task=${task}`)
  await badge(viewer, 'live', 'websocket')
  const page = await context.newPage()
  await page.goto(`${url}/monitor/?task=${task}`)
  await page.getByRole('region', { name: 'Sessions' }).getByRole('link').first().click()
  const session = page.locator('section.card').filter({ has: page.getByRole('heading', { name: /^Session s_/ }) })
  const figure = (name: string) => session.locator('.figure').filter({ hasText: name }).locator('dd')
  const place = (name: string) => session.getByRole('listitem').filter({ hasText: name })
  await expect.poll(() => figure('State').innerText()).toBe('connected')
  expect(await figure('Transport').innerText()).toBe('WebSocket')
  expect(await figure('Behind').innerText()).toMatch(/^\d+ events$/)
  expect(await figure('Connects').innerText()).toBe('1')
  await place('Web front').filter({ hasText: url }).waitFor()
  expect(await place('Sent up to').innerText()).toMatch(/[\w-]+:\d+$/)
  expect(await place('Last close').count()).toBe(0)

  await viewer.getByRole('button', { name: 'Cut the socket' }).click()
  await expect.poll(() => figure('Connects').innerText(), { timeout: 45_000 }).toBe('2')
  expect(await place('Last close').innerText()).toMatch(/^Last close \d{4} \w/)
  await viewer.goto('about:blank')
  await expect.poll(() => figure('State').innerText(), { timeout: 45_000 }).toBe('ended')
  await session.getByRole('link', { name: 'Close' }).click()
  await session.waitFor({ state: 'detached' })
  expect(new URL(page.url()).search).toBe(`?task=${task}`)
  await api.call(`/tasks/${task}/cancel`, {})
})

test('the pages speak Chinese, and remember it', async () => {
  const page = await (await chromium.user()).newPage()
  await page.goto(url)
  await page.getByLabel('Language').selectOption('zh')
  await page.getByRole('heading', { name: '学习路线' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: '学习路线' }).waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
})

test('everything is reached by keyboard', async () => {
  const page = await (await chromium.user()).newPage()
  await page.goto(url + '/playground/')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => window.document.activeElement?.textContent)).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForURL(/task=/)
  await badge(page, 'live', 'websocket')
})
