import { useEffect, useState } from 'react'

const refreshMs = 3000

/** What a path under /api/v1 answers, asked every now and then while the page is seen. `gone`: it is there no longer; what was known stays. */
export const useLook = <Answer>(path: string): { answer: Answer | null; gone: boolean } => {
  const [look, setLook] = useState<{ answer: Answer | null; gone: boolean }>({ answer: null, gone: false })
  useEffect(() => {
    const left = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      try {
        if (!document.hidden) {
          const response = await fetch('/api/v1' + path, { signal: left.signal })
          const answer = response.ok ? ((await response.json()) as Answer) : null
          if (answer || response.status === 404) setLook((before) => ({ answer: answer ?? before.answer, gone: !answer }))
        }
      } catch {
        // The badge says that the server is away; what was known stays.
      }
      if (!left.signal.aborted) timer = setTimeout(ask, refreshMs)
    }
    void ask()
    return () => {
      left.abort()
      clearTimeout(timer)
    }
  }, [path])
  return look
}
