/** What goes over the wire: PROTOCOL.md, version 1. Unknown fields and types are to be expected, and ignored. */

/** Where a task stands. The last three are final. */
export type TaskStatus = 'queued' | 'running' | 'awaiting_review' | 'completed' | 'failed' | 'cancelled'

/** Whether coming back can help. */
export type Verdict = 'stop' | 'reconnect'

/** `epoch:seq`: the last event that was processed. */
export type Cursor = `${string}:${number}`

/** How far the work is. `percent` is 0 to 100. */
export interface Progress {
  percent: number | null
  stage: string | null
  message: string | null
  current: number | null
  total: number | null
}

/** Why a task failed. */
export interface TaskFailure {
  code: string
  message: string
  retryable: boolean
}

/** What a person is asked to decide. */
export interface PendingReview {
  review_id: string
  prompt: string
  payload: unknown
  expires_at: string | null
}

/** A task as REST and `current_status` tell it: committed state. */
export interface TaskSnapshot {
  task_id: string
  kind: string
  status: TaskStatus
  progress: Progress
  epoch: string
  first_seq: number
  last_seq: number
  attempt: number
  max_attempts: number
  created_at: string
  started_at: string | null
  updated_at: string
  finished_at: string | null
  owner: string
  silo: string | null
  labels: Record<string, string>
  viewers: number
  on_disconnect: { policy: 'continue' } | { policy: 'cancel'; after: string }
  retry_of: string | null
  pending_review: PendingReview | null
  error: TaskFailure | null
  links: Record<string, string>
}

/** The data of each type of event that the platform knows. */
export interface EventData {
  created: { kind: string; labels: Record<string, string> }
  started: { attempt: number; worker: string | null }
  progress: Progress
  token: { channel: string; delta: string }
  item: { item_id: string; title: string; status: 'started' | 'completed' | 'failed'; parent: string | null; data: unknown }
  batch: { batch: string; of: number; done: number; failed: number; total: number }
  artifact: { name: string; content_type: string; value: unknown }
  debug: { message: string; level: string }
  input: { key: string | null; data: unknown }
  review_required: PendingReview
  review_resolved: { review_id: string; decision: ReviewDecision; comment: string | null; edits: unknown; by: string | null }
  retrying: { attempt: number; reason: string; delay_ms: number; supersedes_after: number }
  completed: { result: unknown; result_bytes?: number }
  failed: { error: TaskFailure }
  cancelled: { reason: string | null; by: string | null }
}

interface EventOf<Type extends string, Data> {
  type: Type
  task_id: string
  /** 1, 2, 3 … without a gap. */
  seq: number
  /** The first of those that were merged into this one, where some were. */
  seq_from?: number
  /** RFC 3339, UTC. */
  ts: string
  data: Data
}

/** What happened to a task: a type that the platform knows, or a generator's own, which has a dot in its name. */
export type TaskEvent = { [Type in keyof EventData]: EventOf<Type, EventData[Type]> }[keyof EventData] | EventOf<`${string}.${string}`, unknown>

/** The log's numbers mean nothing any more: drop what you have, events begin again at 1. */
export interface HistoryReset {
  type: 'history_reset'
  /** Not where a reader or a tab found it out by itself. */
  reason?: string
  epoch: string
}

/** Messages that are no events: they have no `seq`. */
export type ControlMessage =
  | { type: 'connected'; task_id: string; session_id?: string; server_time?: string; heartbeat_interval_ms?: number; epoch: string; resumed?: boolean }
  | ({ type: 'current_status' } & TaskSnapshot)
  | HistoryReset
  | { type: 'caught_up'; cursor: Cursor }
  | { type: 'heartbeat_ack'; timestamp?: number; server_time?: string; cursor: Cursor; last_seq: number }
  | { type: 'closing'; code: number; reason: string; retry: Verdict; retry_after_ms?: number }
  | { type: 'error'; code: string; message: string; fatal: boolean; retry?: Verdict; retry_after_ms?: number }

/** Anything that a server says about a task. */
export type ServerMessage = TaskEvent | ControlMessage

/** `GET /monitor`, and each message of its stream: all of it the whole cluster's. */
export interface MonitorFigures {
  type: 'monitor'
  time: string
  /** Of the front that answers, as are `orleans` and `store`. */
  version: string
  /** Version of Microsoft Orleans. */
  orleans: string
  store: string
  front: string
  /** Whose counts these are, sorted: they can be compared while these are the same. */
  processes: string[]
  /** By status. */
  tasks: Record<string, number>
  active_by_kind: Record<string, number>
  silos: { address: string; active: boolean; tasks: number }[]
  fronts: { id: string; address: string; started_at: string; sessions: number }[]
  /** What all silos that run now have done since they started. */
  work: {
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
  connections: {
    open: number
    polling: number
    slow: number
    largest_lag: number
    opened: Record<string, number>
    closed: { code: number; count: number; retry: Verdict }[]
    returned: { resumed?: number; reset?: number; refused?: number }
    messages_delivered: number
    gaps: number
  }
  feeds: number
  page_cache_bytes: number
}

/** `GET /sessions/{id}`, and each of `GET /sessions`: one viewer's connection. */
export interface SessionInfo {
  session_id: string
  task_id: string
  transport: 'ws' | 'sse' | 'poll'
  /** The id of the front that has it. */
  front: string
  connected_at: string
  /** False: it went, and may come back for a while. */
  connected: boolean
  /** What it was sent; null: nothing yet. */
  cursor: Cursor | null
  /** Events that it is behind. */
  lag: number
  /** Of the last ping; null: there was none yet, or the transport has none. */
  rtt_ms: number | null
  reconnects: number
  /** How its connection before ended. */
  last_close_code: number | null
}

/** An HTTP refusal (RFC 9457). `detail` says what to do. */
export interface Problem {
  status: number
  code: string
  detail: string
  field?: string
  retry: Verdict
  retry_after_ms?: number
}

export type ReviewDecision = 'approve' | 'reject' | 'revise'

/** True for the three types that end a task. */
export const isTerminal = (type: string): type is 'completed' | 'failed' | 'cancelled' => type === 'completed' || type === 'failed' || type === 'cancelled'
