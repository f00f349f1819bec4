/** What a page goes through, for a connection. */
export interface PageHooks {
  online(): void
  offline(): void
  visible(): void
  hidden(): void
  /** The page goes, perhaps into the browser's cache. There is no time for anything but a beacon. */
  leave(): void
  /** The page is back from the cache. */
  back(): void
  /** True: the user is asked before leaving. */
  unfinished?(): boolean
}

/** Listens to the page until the answer is called. Without a page: does nothing. */
export const onPage = (hooks: PageHooks): (() => void) => {
  const undo: (() => void)[] = []
  const on = (target: EventTarget, type: string, hear: (event: Event) => void) => {
    target.addEventListener(type, hear)
    undo.push(() => target.removeEventListener(type, hear))
  }
  if (typeof window !== 'undefined' && typeof document !== 'undefined') {
    on(window, 'online', hooks.online)
    on(window, 'offline', hooks.offline)
    on(document, 'visibilitychange', () => (document.hidden ? hooks.hidden() : hooks.visible()))
    on(document, 'resume', hooks.visible)
    on(window, 'pagehide', hooks.leave)
    on(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && hooks.back())
    on(window, 'beforeunload', (event) => hooks.unfinished?.() && event.preventDefault())
    if (navigator.onLine === false) hooks.offline()
  }
  return () => undo.forEach((one) => one())
}
