/** What tabs of one site tell each other about a task; `Word` is cloned on the way. */
export interface Tabs<Word> {
  post(word: Word): void
  close(): void
}

export interface TabHooks<Word> {
  /** This tab has the connection now. */
  lead(): void
  /** Another tab has taken it. */
  follow(): void
  hear(word: Word | 'hello'): void
}

/** How often a follower listens whether the leader is still there. A page that the system froze keeps its lock and says nothing. */
const listenMs = 5000

/**
 * One of all tabs leads: the one that holds the lock of that name. When it closes, the lock goes to the next. A leader that says nothing, even
 * when asked, loses it to a tab that the user looks at. Null where the browser has no locks or channels.
 */
export const joinTabs = <Word>(name: string, hooks: TabHooks<Word>): Tabs<Word> | null => {
  const locks = globalThis.navigator?.locks
  if (!locks || typeof BroadcastChannel !== 'function' || typeof document === 'undefined') return null
  const channel = new BroadcastChannel(name)
  const closed = new AbortController()
  let release: (() => void) | null = null
  let silent = 0

  const enter = (options: LockOptions) => {
    locks
      .request(name, options, () => {
        if (closed.signal.aborted) return
        hooks.lead()
        return new Promise<void>((done) => (release = done))
      })
      .catch(() => {
        if (closed.signal.aborted) return
        // Never had it: this page may not use locks (a sandbox). It goes alone.
        if (!release) return hooks.lead()
        // It was stolen.
        release = null
        hooks.follow()
        enter({ signal: closed.signal })
        channel.postMessage('hello')
      })
  }
  const timer = setInterval(() => {
    if (release || document.hidden) silent = 0
    else if (++silent === 2) channel.postMessage('hello')
    else if (silent > 2) {
      silent = 0
      enter({ steal: true })
    }
  }, listenMs)
  channel.onmessage = ({ data }) => {
    silent = 0
    hooks.hear(data)
  }
  enter({ signal: closed.signal })
  channel.postMessage('hello')
  return {
    post: (word) => closed.signal.aborted || channel.postMessage(word),
    close() {
      closed.abort()
      clearInterval(timer)
      channel.close()
      release?.()
    },
  }
}
