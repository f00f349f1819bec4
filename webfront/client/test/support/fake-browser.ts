/**
 * What a browser has around a page and Node has not, small: a window and a document that are event targets, `navigator` with beacons and
 * locks. Locks are those of the Web Locks API as far as tabs use them: exclusive, in order, `signal`, `steal`.
 */
import { vi } from 'vitest'

type Held = { drop: (error: Error) => void }
type Waiting = { callback: () => unknown; done: (value: unknown) => void; fail: (error: Error) => void }

export class FakeLocks {
  private held = new Map<string, Held>()
  private waiting = new Map<string, Waiting[]>()

  request(name: string, options: { signal?: AbortSignal; steal?: boolean }, callback: () => unknown): Promise<unknown> {
    return new Promise((done, fail) => {
      const mine: Waiting = { callback, done, fail }
      const queue = this.waiting.get(name) ?? []
      this.waiting.set(name, queue)
      if (options.steal) {
        this.held.get(name)?.drop(new DOMException('stolen', 'AbortError'))
        this.held.delete(name)
        queue.unshift(mine)
      } else queue.push(mine)
      options.signal?.addEventListener('abort', () => {
        const at = queue.indexOf(mine)
        if (at < 0) return
        queue.splice(at, 1)
        fail(new DOMException('aborted', 'AbortError'))
      })
      queueMicrotask(() => this.next(name))
    })
  }

  private next(name: string): void {
    const one = this.held.has(name) ? undefined : this.waiting.get(name)?.shift()
    if (!one) return
    const held: Held = { drop: one.fail }
    this.held.set(name, held)
    void Promise.resolve(one.callback()).then((value) => {
      if (this.held.get(name) !== held) return
      this.held.delete(name)
      one.done(value)
      this.next(name)
    })
  }
}

/** Puts a page around the test; gone after it. `fire` is what happens to it. */
export const fakePage = (locks?: FakeLocks) => {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), { hidden: false })
  const beacons: { url: string; body: string }[] = []
  const navigator = { onLine: true, locks, sendBeacon: (url: string, body: string) => beacons.push({ url, body }) > 0 }
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', document)
  vi.stubGlobal('navigator', navigator)
  return {
    window,
    document,
    navigator,
    beacons,
    fire(target: 'window' | 'document', type: string, more: object = {}): Event {
      const event = Object.assign(new Event(type, { cancelable: true }), more)
      ;(target === 'window' ? window : document).dispatchEvent(event)
      return event
    },
  }
}
