import type { TaskEvent, TaskSnapshot } from '@holdfast/client'

/** The server, asked without the page: what is to be seen on it. */
export const createApi = (url: string) => {
  const call = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const answer = await fetch(`${url}/api/v1${path}`, body ? { method: 'POST', body: JSON.stringify(body) } : {})
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json() as Promise<Answer>
  }
  const create = async (kind: string, input: object, labels: Record<string, string> = {}) => (await call<TaskSnapshot>('/tasks', { kind, input, labels })).task_id
  return {
    call,
    create,
    echo: (input: object) => create('echo', { size: 24, ...input }),
    /** Holds until the task has ended. */
    async ended(taskId: string): Promise<TaskSnapshot> {
      for (let after = ''; ; ) {
        const page = await call<{ cursor: string; caught_up: boolean; status: string }>(`/tasks/${taskId}/events?wait=30s${after && '&after=' + after}`)
        if (page.caught_up && ['completed', 'failed', 'cancelled'].includes(page.status)) return call(`/tasks/${taskId}`)
        after = page.cursor
      }
    },
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
