/**
 * Calls `run` soon, at most once per frame of the page; where there is no page, in a microtask. A hidden page has no frames: there a timer
 * steps in, so that whoever waits for a state gets it.
 */
export const perFrame = (run: () => void): (() => void) => {
  let asked = false
  return () => {
    if (asked) return
    asked = true
    const go = () => {
      if (!asked) return
      asked = false
      run()
    }
    if (typeof requestAnimationFrame !== 'function') return queueMicrotask(go)
    const timer = setTimeout(go, 250)
    requestAnimationFrame(() => {
      clearTimeout(timer)
      go()
    })
  }
}
