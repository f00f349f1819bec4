import type { ConnectionState } from '@holdfast/client'
import { useEffect, useRef } from 'react'
import { createStore } from '../shell/store'

/** The connection that the badge speaks of. */
export interface Shown {
  state: ConnectionState
  /** `websocket`, `sse`, `poll`. */
  transport: string
  try: number
  code: number | null
  reason: string | null
  meaning: string | null
  retryInMs: number | null
  /** Another tab has it. */
  shared: boolean
}

export const shown = createStore<{ connection: Shown | null; reconnect: () => void }>({ connection: null, reconnect: () => {} })

/** Shows a page's connection in the badge for as long as the page is there. */
export const useShown = (connection: Omit<Shown, 'shared'> & { shared?: boolean }, reconnect: () => void) => {
  const latest = useRef(reconnect)
  useEffect(() => {
    latest.current = reconnect
  })
  useEffect(() => shown.set({ connection: { shared: false, ...connection }, reconnect: () => latest.current() }), [connection])
  useEffect(() => () => shown.set({ connection: null, reconnect: () => {} }), [])
}
