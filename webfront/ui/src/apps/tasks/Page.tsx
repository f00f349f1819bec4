import { isTerminal, retryTask, type TaskFilter, type TaskSnapshot } from '@holdfast/client'
import { useTasks } from '@holdfast/client/react'
import { pathOfTask } from '..'
import { useShown } from '../../connection/shown'
import { cancelTask, useCall } from '../../parts/calls'
import { Status } from '../../parts/Status'
import { words as common } from '../../parts/words'
import { useFormats, useWords } from '../../shell/language'
import { go, Link, usePlace } from '../../shell/router'
import { words } from './words'

const statuses = ['active', 'queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled'] as const

/** The server sends no more. */
const most = 500

/** All tasks, live; the filter stands in the address. */
const Page = () => {
  const text = useWords(words)
  const { statuses: names } = useWords(common)
  const { number } = useFormats()
  const chosen = usePlace().query.get('status')
  const status = statuses.find((one) => one === chosen)
  const filter: TaskFilter = status ? { status } : {}
  const { tasks, loaded, connection, reconnect } = useTasks(filter)
  useShown(connection, reconnect)
  const { task, created, progress, viewers, actions } = text.columns
  return (
    <section className="card">
      <h1>{text.title}</h1>
      <p className="dim">{text.intro}</p>
      <div className="row filter" role="group" aria-label={text.filter}>
        {[undefined, ...statuses].map((one) => (
          <button key={one ?? ''} type="button" aria-pressed={one === status} onClick={() => go('/tasks/' + (one ? `?status=${one}` : ''), true)}>
            {!one ? text.all : one === 'active' ? text.active : names[one]}
          </button>
        ))}
      </div>
      {tasks.length === 0 ? (
        <p className="dim" role="status">
          {loaded ? text.none : text.loading}
        </p>
      ) : (
        <table className="tasks">
          <thead>
            <tr>
              <th scope="col">{task}</th>
              <th scope="col">{text.columns.status}</th>
              <th scope="col">{progress}</th>
              <th scope="col">{viewers}</th>
              <th scope="col">{created}</th>
              <th scope="col">{actions}</th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((one) => (
              <Row key={one.task_id} task={one} />
            ))}
          </tbody>
        </table>
      )}
      {tasks.length >= most && <p className="dim">{text.first(number(most))}</p>}
    </section>
  )
}

const Row = ({ task }: { task: TaskSnapshot }) => {
  const text = useWords(words)
  const { number, dateTime } = useFormats()
  const call = useCall()
  const name = task.labels.title ?? task.task_id
  const percent = task.status === 'completed' ? 100 : (task.progress.percent ?? 0)
  return (
    <tr data-task={task.task_id}>
      <th scope="row">
        <Link href={pathOfTask(task.kind, task.task_id)}>{name}</Link>
        <span className="dim small-text">
          {task.kind} · {task.task_id}
        </span>
        {task.error && <span className="bad small-text">{task.error.message}</span>}
      </th>
      <td>
        <Status status={task.status} />
      </td>
      <td data-label={text.columns.progress}>
        <progress max={100} value={percent} aria-label={`${text.columns.progress}: ${name}`} /> {number(percent)} %
      </td>
      <td data-label={text.columns.viewers}>{number(task.viewers)}</td>
      <td data-label={text.columns.created}>{dateTime(task.created_at)}</td>
      <td>
        {!isTerminal(task.status) && (
          <button type="button" className="small" disabled={call.busy} aria-label={`${text.cancel}: ${name}`} onClick={() => call.run(() => cancelTask(task.task_id))}>
            {text.cancel}
          </button>
        )}
        {(task.status === 'failed' || task.status === 'cancelled') && (
          <button type="button" className="small" disabled={call.busy} aria-label={`${text.retry}: ${name}`} onClick={() => call.run(() => retryTask(task.task_id))}>
            {text.retry}
          </button>
        )}
        {call.problem && (
          <span className="bad small-text" role="alert">
            {call.problem}
          </span>
        )}
      </td>
    </tr>
  )
}

export default Page
