import { type LiveOptions, type LiveSource, type LiveState, type Watched, watchLive } from './live.js'
import type { MonitorFigures } from './wire.js'

interface Monitor {
  /** The newest, once a second; null until the first. */
  figures: MonitorFigures | null
}

/** Immutable; a new object for each notification. */
export type MonitorState = LiveState<Monitor>

/** The cluster's figures. All watchers of one server in a page share one connection. */
export type WatchedMonitor = Watched<MonitorState>

const source: LiveSource<Monitor, MonitorFigures> = {
  before: { figures: null },
  page: '/monitor',
  read: (page) => page,
  heed: (message) => (message.type === 'monitor' ? { figures: message } : null),
}

/** How the cluster is, second by second. */
export const watchMonitor = (options: LiveOptions = {}): WatchedMonitor => watchLive('/monitor/stream', options, () => source)
