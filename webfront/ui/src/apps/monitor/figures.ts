import type { MonitorFigures } from '@holdfast/client'
import { useMonitor } from '@holdfast/client/react'
import { useEffect, useState } from 'react'

/** Ten minutes, one a second. */
const most = 600

/** The figures of the last minutes, oldest first. A page that nobody sees gives its connection back. */
export const useFigures = () => {
  const { figures, connection, reconnect } = useMonitor()
  const [history, setHistory] = useState<MonitorFigures[]>([])
  useEffect(() => {
    if (figures) setHistory((before) => (before.at(-1) === figures ? before : [...before, figures].slice(-most)))
  }, [figures])
  return { history, connection, reconnect }
}

/** The figures of a moment, and those to compare them with. */
type Step = [now: MonitorFigures, before: MonitorFigures | undefined]

/** Processes report once a second each, so curves look back over three, and never to a moment when other processes reported. */
export const stepsOf = (history: MonitorFigures[]): Step[] => {
  const reporters = history.map(({ processes }) => processes.join())
  return history.map((now, n) => {
    const before = reporters.indexOf(reporters[n]!, Math.max(0, n - 3))
    return [now, before < n ? history[before] : undefined]
  })
}

/** What a counter gained a second; null where there is nothing to compare with. */
export const rates = (steps: Step[], read: (figures: MonitorFigures) => number): (number | null)[] =>
  steps.map(([now, before]) => {
    if (!before) return null
    const [from, to] = [read(before), read(now)]
    const seconds = (Date.parse(now.time) - Date.parse(before.time)) / 1000
    return seconds > 0 ? (to - from) / seconds : null
  })

/** Milliseconds within which this share of the latest appends was stored; null where there was none. */
export const latency = (steps: Step[], share: number): (number | null)[] =>
  steps.map(([{ work: to }, before]) => {
    const from = before?.work
    const count = from ? to.appends - from.appends : 0
    if (!from || count <= 0) return null
    const bucket = to.appends_within.find(([, upTo], i) => upTo - (from.appends_within[i]?.[1] ?? 0) >= count * share)
    return bucket ? bucket[0] * 1000 : null
  })

/** Mean milliseconds of one of the latest appends. */
export const meanLatency = (steps: Step[]): (number | null)[] =>
  steps.map(([{ work: to }, before]) => {
    const from = before?.work
    const count = from ? to.appends - from.appends : 0
    return from && count > 0 ? ((to.append_seconds - from.append_seconds) / count) * 1000 : null
  })
