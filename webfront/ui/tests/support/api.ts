import type { TaskEvent, TaskSnapshot } from '@holdfast/client'

/** The server, asked without the page: what is to be seen on it. */
export const createApi = (url: string) => {
  const call = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const answer = await fetch(`${url}/api/v1${path}`, body ? { method: 'POST', body: JSON.stringify(body) } : {})
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json() as Promise<Answer>
  }
  const create = async (kind: string, input: object, labels: Record<string, string> = {}) => (await call<TaskSnapshot>('/tasks', { kind, input, labels })).task_id
  /** Holds until a task has one of these statuses, and all that came before can be read. */
  const until = async (taskId: string, ...statuses: string[]): Promise<TaskSnapshot> => {
    for (let after = ''; ; ) {
      const page = await call<{ cursor: string; caught_up: boolean; status: string }>(`/tasks/${taskId}/events?wait=30s${after && '&after=' + after}`)
      if (page.caught_up && statuses.includes(page.status)) return call(`/tasks/${taskId}`)
      after = page.cursor
    }
  }
  return {
    call,
    create,
    echo: (input: object) => create('echo', { size: 24, ...input }),
    /** A stream that is not over before it is `released`, however slow this machine is: it waits for an approval before its last quarter. */
    held: (input: { count?: number; interval_ms?: number } = {}) => create('echo', { size: 24, count: 200, interval_ms: 20, review_at: (3 * (input.count ?? 200)) / 4, ...input }),
    async released(taskId: string) {
      const { pending_review } = await until(taskId, 'awaiting_review')
      await call(`/tasks/${taskId}/review`, { review_id: pending_review?.review_id, decision: 'approve' })
    },
    ended: (taskId: string) => until(taskId, 'completed', 'failed', 'cancelled'),
    /** All text of a task, as its log has it. */
    async text(taskId: string): Promise<string> {
      let all = ''
      for (let after = ''; ; ) {
        const page = await call<{ events: TaskEvent[]; cursor: string; caught_up: boolean }>(`/tasks/${taskId}/events?limit=1000${after && '&after=' + after}`)
        for (const event of page.events) if (event.type === 'token') all += (event.data as { delta: string }).delta
        if (page.caught_up) return all
        after = page.cursor
      }
    },
    sessions: async (taskId: string) => (await call<{ sessions: { session_id: string; transport: string }[] }>(`/sessions?task_id=${taskId}`)).sessions,
  }
}

export type Api = ReturnType<typeof createApi>
