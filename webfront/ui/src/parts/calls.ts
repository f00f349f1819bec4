import { HoldfastError, type TaskSnapshot } from '@holdfast/client'
import { useState } from 'react'

/** Ends a task that nobody here watches. */
export const cancelTask = async (taskId: string): Promise<TaskSnapshot> => {
  const answer = await fetch(`/api/v1/tasks/${encodeURIComponent(taskId)}/cancel`, { method: 'POST', body: JSON.stringify({ reason: 'cancelled on the page' }) })
  const body = await answer.json()
  if (!answer.ok) throw new HoldfastError({ code: answer.status, reason: body.code, meaning: body.detail, retry: body.retry }, body.field)
  return body
}

/** Something that a button does: whether it is being done, and what went wrong. */
export const useCall = () => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const run = async (call: () => Promise<unknown>) => {
    setBusy(true)
    setProblem(null)
    try {
      await call()
    } catch (error) {
      const field = error instanceof HoldfastError && error.field ? ` (${error.field})` : ''
      setProblem((error instanceof Error ? error.message : String(error)) + field)
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, run }
}
