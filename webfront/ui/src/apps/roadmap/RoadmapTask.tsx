import { getResult } from '@holdfast/client'
import { useEffect, useState } from 'react'
import { ConnectionPanel } from '../../connection/Panel'
import { useWatched } from '../../connection/watch'
import { CopyButton, fileName, save } from '../../parts/save'
import { useCall } from '../../parts/calls'
import { TaskCard } from '../../parts/TaskCard'
import { useWords } from '../../shell/language'
import { asPlan, toMarkdown, type Plan } from './plan'
import { PlanView } from './PlanView'
import { Review } from './Review'
import { words } from './words'

/** A roadmap in the making, and when it is made. */
export const RoadmapTask = ({ taskId }: { taskId: string }) => {
  const text = useWords(words)
  const { task, record } = useWatched(taskId)
  const { result, problem } = useResult(taskId, task.status === 'completed', task.result, task.resultBytes)
  const made = asPlan(result)
  const plan = made ?? asPlan(task.artifacts.stages?.value)
  const doing = task.debug.at(-1)
  return (
    <>
      <TaskCard task={task} app="roadmap" title={plan?.title || task.labels.title || text.title}>
        {doing && task.status === 'running' && (
          <p className="dim small-text">
            {text.working}: {doing.message}
          </p>
        )}
        {problem && (
          <p className="bad" role="alert">
            {problem}
          </p>
        )}
        {made && (
          <div className="row">
            <CopyButton content={() => toMarkdown(made)} />
            <button type="button" onClick={() => save(fileName(made.title, '.md'), 'text/markdown', toMarkdown(made))}>
              {text.downloadMarkdown}
            </button>
            <button type="button" onClick={() => save(fileName(made.title, '.json'), 'application/json', JSON.stringify(made, null, 2))}>
              {text.downloadJson}
            </button>
          </div>
        )}
        {task.pendingReview && asPlan(task.pendingReview.payload) && (
          <Review key={task.pendingReview.review_id} plan={asPlan(task.pendingReview.payload)!} answer={task.review} />
        )}
      </TaskCard>
      {plan && !task.pendingReview && <PlanView plan={plan} task={task} />}
      {task.status && <ConnectionPanel task={task} record={record} />}
    </>
  )
}

/** The result, fetched where it was too large for an event. */
const useResult = (taskId: string, completed: boolean, result: unknown, bytes: number | null) => {
  const [fetched, setFetched] = useState<unknown>(null)
  const call = useCall()
  const missing = completed && bytes !== null
  useEffect(() => {
    if (missing) void call.run(async () => setFetched(await getResult(taskId)))
    // Once, when it is known to be there.
  }, [missing, taskId])
  return { result: completed ? ((fetched as Plan | null) ?? result) : null, problem: call.problem }
}
