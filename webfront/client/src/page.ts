/**
 * What a page goes through. `leave`: it goes, perhaps into the browser's cache, and there is no time for anything but a beacon; `back`: it came
 * out of there again.
 */
export type PageEvent = 'online' | 'offline' | 'visible' | 'hidden' | 'leave' | 'back'

/** Listens to the page until the answer is called. Without a page: does nothing. `asks`: whether the user is asked before leaving. */
export const onPage = (hear: (what: PageEvent) => void, asks?: () => boolean): (() => void) => {
  const undo: (() => void)[] = []
  const on = (target: EventTarget, type: string, listen: (event: Event) => void) => {
    target.addEventListener(type, listen)
    undo.push(() => target.removeEventListener(type, listen))
  }
  if (typeof window !== 'undefined' && typeof document !== 'undefined') {
    on(window, 'online', () => hear('online'))
    on(window, 'offline', () => hear('offline'))
    on(document, 'visibilitychange', () => hear(document.hidden ? 'hidden' : 'visible'))
    on(window, 'pagehide', () => hear('leave'))
    on(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && hear('back'))
    on(window, 'beforeunload', (event) => asks?.() && event.preventDefault())
    if (navigator.onLine === false) hear('offline')
  }
  return () => undo.forEach((one) => one())
}
