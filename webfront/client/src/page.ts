/**
 * What a page goes through. `leave`: it goes, perhaps into the browser's cache, and there is no time for anything but a beacon; `back`: it came
 * out of there again.
 */
export type PageEvent = 'online' | 'offline' | 'visible' | 'hidden' | 'leave' | 'back'

const isPage = () => typeof window !== 'undefined' && typeof document !== 'undefined'

/** Listens to the page until the answer is called. Without a page: does nothing. */
export const onPage = (hear: (what: PageEvent) => void): (() => void) => {
  const undo: (() => void)[] = []
  const on = (target: EventTarget, type: string, listen: (event: Event) => void) => {
    target.addEventListener(type, listen)
    undo.push(() => target.removeEventListener(type, listen))
  }
  if (isPage()) {
    on(window, 'online', () => hear('online'))
    on(window, 'offline', () => hear('offline'))
    on(document, 'visibilitychange', () => hear(document.hidden ? 'hidden' : 'visible'))
    on(window, 'pagehide', () => hear('leave'))
    on(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && hear('back'))
    if (navigator.onLine === false) hear('offline')
  }
  return () => undo.forEach((one) => one())
}

/** Has the user asked before leaving the page, from `true` to `false`. It listens only then: some browsers keep pages that do out of their cache. */
export const createLeavePrompt = (): ((wanted: boolean) => void) => {
  const ask = (event: Event) => event.preventDefault()
  return (wanted) => isPage() && window[wanted ? 'addEventListener' : 'removeEventListener']('beforeunload', ask)
}
