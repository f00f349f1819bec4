import { type Ending, httpEnding } from './verdict.js'
import type { Problem, ReviewDecision, TaskSnapshot, TaskStatus, Verdict } from './wire.js'

/** How to reach the server. */
export interface ServerOptions {
  /** Origin and path prefix of the server. Default: the page's origin. */
  url?: string
  /** Headers of every HTTP request, such as `authorization`; a function is asked before each. */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>)
  /** Default: the global one. */
  fetch?: typeof fetch
}

/** A refusal, or a server out of reach. `message` says what to do. */
export class HoldfastError extends Error {
  override name = 'HoldfastError'
  /** A stable word. */
  readonly code: string
  /** HTTP status or close code; null: there was no answer. */
  readonly status: number | null
  /** Whether it can help to try again. */
  readonly retry: Verdict
  constructor(
    /** The same as a connection knows it. */
    readonly ending: Ending,
    /** The field that was wrong, where one was. */
    readonly field?: string | undefined,
  ) {
    super(ending.meaning)
    this.code = ending.reason
    this.status = ending.code
    this.retry = ending.retry
  }
}

/** What a task is made of: the body of the request. */
export interface NewTask {
  kind: string
  input: unknown
  /** 8 to 64 of `A-Za-z0-9_-`. Default: the server draws one. */
  task_id?: string
  labels?: Record<string, string>
  max_attempts?: number
  /** Default: it runs on when nobody watches. */
  on_disconnect?: { policy: 'continue' } | { policy: 'cancel'; after: string }
}

export interface CreateOptions extends ServerOptions {
  /** The same key makes the same task only once. Default: a new one, so that repeating a lost request makes no second task. */
  idempotencyKey?: string
}

export interface ReviewAnswer {
  /** Default: the review that is pending. */
  review_id?: string
  decision: ReviewDecision
  comment?: string
  edits?: unknown
}

export interface TaskFilter {
  /** `active`: all that have not ended. */
  status?: TaskStatus | 'active'
  kind?: string
  labels?: Record<string, string>
}

export const urlOf = (options: ServerOptions): string => (options.url ?? globalThis.location?.origin ?? '').replace(/\/+$/, '')

export const pathOf = (taskId: string, rest = ''): string => '/tasks/' + encodeURIComponent(taskId) + rest

export const filterQuery = ({ status, kind, labels = {} }: TaskFilter): string => {
  const query = new URLSearchParams()
  if (status) query.set('status', status)
  if (kind) query.set('kind', kind)
  for (const [name, value] of Object.entries(labels)) query.append('label', `${name}=${value}`)
  return '?' + query
}

const waits = [1000, 2000, 4000]

interface Request {
  body?: object
  /** Default: POST with a body, GET without. */
  method?: string
  headers?: Record<string, string>
  signal?: AbortSignal
  /** Repeating it is not safe, or not wanted. */
  once?: boolean
}

/** A request under /api/v1, and whatever the answer is. */
export const send = async (options: ServerOptions, path: string, { body, method, headers, signal }: Request): Promise<Response> =>
  (options.fetch ?? fetch)(urlOf(options) + '/api/v1' + path, {
    method: method ?? (body ? 'POST' : 'GET'),
    headers: {
      ...(typeof options.headers === 'function' ? await options.headers() : options.headers),
      ...headers,
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body ? JSON.stringify(body) : null,
    signal: signal ?? null,
    cache: 'no-store',
  })

/** What is wrong with an answer. */
export const refusalOf = async (answer: Response): Promise<HoldfastError> => {
  const problem: Partial<Problem> | null = await answer.json().catch(() => null)
  return new HoldfastError(httpEnding(answer.status, problem), problem?.field)
}

/** What a failed request means for a connection. */
export const endingOf = (error: unknown): Ending =>
  error instanceof HoldfastError ? error.ending : { code: null, reason: 'unreachable', meaning: String(error), retry: 'reconnect' }

/** A request and its JSON. What may work later is tried again, three times at most. */
export const call = async <T>(options: ServerOptions, path: string, request: Request = {}): Promise<T> => {
  for (let n = 0; ; n++) {
    let error: HoldfastError
    try {
      const answer = await send(options, path, request)
      if (answer.ok) return answer.status === 204 ? (undefined as T) : await answer.json()
      error = await refusalOf(answer)
    } catch (e) {
      error = new HoldfastError(endingOf(e))
    }
    const wait = waits[n]
    // Not ready yet (409) is an answer; waiting for it is the caller's choice.
    if (!wait || request.once || error.retry === 'stop' || error.status === 409) throw error
    await new Promise((done) => setTimeout(done, Math.min(30_000, Math.max(wait, error.ending.retryAfterMs ?? 0))))
  }
}

/** 128 random bits, also where a page is not secure and has no `randomUUID`. */
const randomKey = () => crypto.getRandomValues(new Uint8Array(16)).join('-')

/** Creates a task. It runs whether anybody watches or not. */
export const createTask = (task: NewTask, options: CreateOptions = {}): Promise<TaskSnapshot> =>
  call(options, '/tasks', { body: task, headers: { 'idempotency-key': options.idempotencyKey ?? randomKey() } })

/** A task's committed state. */
export const getTask = (taskId: string, options: ServerOptions = {}): Promise<TaskSnapshot> => call(options, pathOf(taskId))

/** The result of a completed task, whatever its size. */
export const getResult = (taskId: string, options: ServerOptions = {}): Promise<unknown> => call(options, pathOf(taskId, '/result'))

/** A new task with the input of a failed or cancelled one. */
export const retryTask = (taskId: string, options: ServerOptions = {}): Promise<TaskSnapshot> =>
  call(options, pathOf(taskId, '/retry'), { body: {}, once: true })

/** Deletes a finished task with its history. */
export const deleteTask = (taskId: string, options: ServerOptions = {}): Promise<void> => call(options, pathOf(taskId), { method: 'DELETE', once: true })

/** Tasks, newest first. */
export const listTasks = (
  filter: TaskFilter & { limit?: number; cursor?: string } = {},
  options: ServerOptions = {},
): Promise<{ tasks: TaskSnapshot[]; next_cursor: string | null }> =>
  call(
    options,
    '/tasks' + filterQuery(filter) + (filter.limit ? '&limit=' + filter.limit : '') + (filter.cursor ? '&cursor=' + encodeURIComponent(filter.cursor) : ''),
  )
