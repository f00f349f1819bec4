import { useTasks } from '@holdfast/client/react'
import { pathOfTask } from '../apps'
import { useShown } from '../connection/shown'
import { useFormats, useWords } from '../shell/language'
import { Link } from '../shell/router'
import { Status } from './Status'
import { words } from './words'

/** Tasks of a kind that run now: after a reload, or on another day, the way back to them. */
export const ActiveTasks = ({ kind }: { kind: string }) => {
  const text = useWords(words)
  const { time } = useFormats()
  const { tasks, connection, reconnect } = useTasks({ kind, status: 'active' })
  useShown(connection, reconnect)
  if (tasks.length === 0) return null
  return (
    <section className="card">
      <h2>{text.active}</h2>
      <ul className="plain">
        {tasks.slice(0, 10).map((task) => (
          <li key={task.task_id}>
            <Link href={pathOfTask(kind, task.task_id)}>{task.labels.title ?? task.task_id}</Link> <Status status={task.status} />{' '}
            <span className="dim">
              {task.progress.percent ?? 0} % · {time(task.created_at)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
