import { getResult } from '@holdfast/client'
import { useState } from 'react'
import { ConnectionPanel } from '../../connection/Panel'
import { useWatched } from '../../connection/watch'
import { useCall } from '../../parts/calls'
import { StreamText } from '../../parts/StreamText'
import { TaskCard } from '../../parts/TaskCard'
import { useWords } from '../../shell/language'
import { words } from './words'

/** Any task, as it is: its text by channel, its review, its result. */
export const EchoTask = ({ taskId }: { taskId: string }) => {
  const text = useWords(words)
  const { task, record } = useWatched(taskId)
  const busy = task.connection.state !== 'ended'
  const known = task.status !== null
  return (
    <>
      <TaskCard task={task} app="playground" title={task.labels.title ?? task.kind ?? text.echo}>
        {task.pendingReview && <Review task={task} />}
        {Object.entries(task.text).map(([channel, all]) => (
          <StreamText key={channel} text={all} busy={busy} label={`${text.output} ${channel}`} />
        ))}
        {task.status === 'completed' && <Result taskId={taskId} result={task.result} bytes={task.resultBytes} />}
      </TaskCard>
      {known && <ConnectionPanel task={task} record={record} />}
    </>
  )
}

const Review = ({ task }: { task: ReturnType<typeof useWatched>['task'] }) => {
  const text = useWords(words)
  const [comment, setComment] = useState('')
  const call = useCall()
  const decide = (decision: 'approve' | 'reject') => call.run(() => task.review({ decision, ...(comment && { comment }) }))
  return (
    <section className="ask" aria-label={text.review}>
      <h2>{text.review}</h2>
      <p>{task.pendingReview?.prompt}</p>
      <label>
        {text.comment}
        <input value={comment} onChange={({ target }) => setComment(target.value)} />
      </label>
      {call.problem && (
        <p className="bad" role="alert">
          {call.problem}
        </p>
      )}
      <div className="row">
        <button type="button" className="primary" disabled={call.busy} onClick={() => decide('approve')}>
          {text.approve}
        </button>
        <button type="button" disabled={call.busy} onClick={() => decide('reject')}>
          {text.reject}
        </button>
      </div>
    </section>
  )
}

const Result = ({ taskId, result, bytes }: { taskId: string; result: unknown; bytes: number | null }) => {
  const text = useWords(words)
  const [large, setLarge] = useState<unknown>(undefined)
  const call = useCall()
  const shown = large ?? result
  return (
    <details>
      <summary onClick={() => bytes && large === undefined && call.run(async () => setLarge(await getResult(taskId)))}>{text.result}</summary>
      {call.problem ? <p className="bad">{call.problem}</p> : <pre tabIndex={0}>{JSON.stringify(shown, null, 2)}</pre>}
    </details>
  )
}
