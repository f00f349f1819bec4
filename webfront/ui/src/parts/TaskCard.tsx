import { isTerminal, retryTask } from '@holdfast/client'
import type { ReactNode } from 'react'
import { pathOfTask } from '../apps'
import type { WatchedHere } from '../connection/watch'
import { useFormats, useWords } from '../shell/language'
import { go, Link } from '../shell/router'
import { useCall } from './calls'
import { Status } from './Status'
import { words } from './words'

/** The head of a watched task: how far it is, what can be done with it, how it ended. What it makes stands below. */
export const TaskCard = ({ task, title, app, children }: { task: WatchedHere['task']; title: string; app: string; children: ReactNode }) => {
  const text = useWords(words)
  const { number } = useFormats()
  const call = useCall()
  const { status, progress, connection, error, cancelled, retrying } = task
  const over = !!status && isTerminal(status)
  const ended = status === 'failed' || status === 'cancelled'
  const again = () => call.run(async () => go(pathOfTask(task.kind ?? app, (await retryTask(task.taskId)).task_id)))
  if (connection.state === 'failed' && !status) {
    return (
      <section className="card" role="alert">
        <h1>{text.unreachable}</h1>
        <p>{connection.meaning}</p>
        <p className="dim">
          {connection.code} {connection.reason}
        </p>
        <p>
          <Link href={`/${app}/`}>{text.another}</Link>
        </p>
      </section>
    )
  }
  return (
    <section className="card">
      <div className="row spread">
        <h1>{title}</h1>
        {status && <Status status={status} />}
      </div>
      <p className="dim small-text">
        <code>{task.taskId}</code>
        {task.attempt > 1 && <> · {text.attempt(task.attempt)}</>}
      </p>
      {!status && <p className="dim">{text.loading}</p>}
      {progress && !over && (
        <>
          <progress aria-label={text.progress} max={100} value={progress.percent ?? undefined} />
          <p className="dim">
            {[progress.percent !== null && `${number(progress.percent)} %`, progress.stage, progress.message, progress.total && text.of(number(progress.current ?? 0), number(progress.total))]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </>
      )}
      {retrying && <p role="status">{text.retrying(retrying.attempt, retrying.reason)}</p>}
      {error && (
        <p className="bad" role="alert">
          {text.failed}: {error.message} <span className="dim">{error.code}</span>
        </p>
      )}
      {cancelled && (
        <p role="status">
          {text.cancelled}
          {cancelled.reason && `: ${cancelled.reason}`}
        </p>
      )}
      {children}
      {call.problem && (
        <p className="bad" role="alert">
          {call.problem}
        </p>
      )}
      <div className="row actions">
        {status && !over && (
          <button type="button" disabled={call.busy} onClick={() => call.run(() => task.cancel('cancelled on the page'))}>
            {text.cancel}
          </button>
        )}
        {ended && (
          <button type="button" disabled={call.busy} onClick={again}>
            {text.retry}
          </button>
        )}
        {!over && (
          <a href={location.href} target="_blank" rel="noopener">
            {text.secondTab}
          </a>
        )}
        <Link href={`/${app}/`}>{text.another}</Link>
      </div>
    </section>
  )
}
