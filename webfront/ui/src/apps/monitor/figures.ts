import { useEffect, useState } from 'react'
import type { Shown } from '../../connection/shown'

/** `GET /api/v1/monitor`, and each message of its stream. */
export interface Figures {
  time: string
  version: string
  engine: string
  store: string
  front: string
  /** Whose counts these are, sorted. */
  processes: string[]
  tasks: Record<string, number>
  active_by_kind: Record<string, number>
  silos: { address: string; active: boolean; tasks: number }[]
  fronts: { id: string; address: string; started_at: string; sessions: number }[]
  /** What all silos that run now have done since they started. */
  work: Work
  connections: {
    open: number
    polling: number
    slow: number
    largest_lag: number
    opened: Record<string, number>
    closed: { code: number; count: number; retry: 'stop' | 'reconnect' }[]
    returned: { resumed?: number; reset?: number; refused?: number }
    messages_delivered: number
    gaps: number
  }
  feeds: number
  page_cache_bytes: number
}

interface Work {
  events_appended: number
  generators_running: number
  tasks_owned: number
  worker_leases: number
  interruptions: number
  appends: number
  append_seconds: number
  /** Appends that took at most so many seconds. */
  appends_within: [number, number][]
}

/** Ten minutes, one a second. */
const most = 600

const idle: Shown = { state: 'connecting', transport: 'sse', try: 0, code: null, reason: null, meaning: null, retryInMs: null, shared: false }

/** The figures of the last minutes, oldest first. A page that nobody sees gives its connection back. */
export const useFigures = () => {
  const [history, setHistory] = useState<Figures[]>([])
  const [connection, setConnection] = useState(idle)
  const [round, setRound] = useState(0)
  useEffect(() => {
    let source: EventSource | null = null
    const open = () => {
      source?.close()
      source = null
      if (document.hidden) return
      source = new EventSource('/api/v1/monitor/stream')
      source.addEventListener('monitor', ({ data }) => {
        setConnection({ ...idle, state: 'live' })
        setHistory((before) => [...before, JSON.parse(data) as Figures].slice(-most))
      })
      source.addEventListener('unavailable', ({ data }) => {
        const { code, detail } = JSON.parse(data)
        setConnection({ ...idle, state: 'catching_up', reason: code, meaning: detail })
      })
      source.onerror = () => setConnection({ ...idle, state: source?.readyState === EventSource.CLOSED ? 'failed' : 'reconnecting', reason: 'unreachable' })
    }
    open()
    document.addEventListener('visibilitychange', open)
    return () => {
      document.removeEventListener('visibilitychange', open)
      source?.close()
    }
  }, [round])
  return { history, connection, reconnect: () => setRound((n) => n + 1) }
}

/**
 * The figures to compare those of each moment with: processes report once a second each, so curves look back over three, and never to a moment
 * when other processes reported.
 */
const compared = (history: Figures[]): [Figures, Figures | undefined][] =>
  history.map((now, n) => [now, history.slice(Math.max(0, n - 3), n).find((before) => before.processes.join() === now.processes.join())])

/** What a counter gained a second; null where there is nothing to compare with. */
export const rates = (history: Figures[], read: (figures: Figures) => number): (number | null)[] =>
  compared(history).map(([now, before]) => {
    if (!before) return null
    const [from, to] = [read(before), read(now)]
    const seconds = (Date.parse(now.time) - Date.parse(before.time)) / 1000
    return seconds > 0 ? (to - from) / seconds : null
  })

/** Milliseconds within which this share of the latest appends was stored; null where there was none. */
export const latency = (history: Figures[], share: number): (number | null)[] =>
  compared(history).map(([{ work: to }, before]) => {
    const from = before?.work
    const count = from ? to.appends - from.appends : 0
    if (!from || count <= 0) return null
    const bucket = to.appends_within.find(([, upTo], i) => upTo - (from.appends_within[i]?.[1] ?? 0) >= count * share)
    return bucket ? bucket[0] * 1000 : null
  })

/** Mean milliseconds of one of the latest appends. */
export const meanLatency = (history: Figures[]): (number | null)[] =>
  compared(history).map(([{ work: to }, before]) => {
    const from = before?.work
    const count = from ? to.appends - from.appends : 0
    return from && count > 0 ? ((to.append_seconds - from.append_seconds) / count) * 1000 : null
  })
