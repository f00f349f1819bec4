import { createTask } from '@holdfast/client'
import { useState, type FormEvent } from 'react'
import { SettingsForm } from '../../connection/Panel'
import { ActiveTasks } from '../../parts/ActiveTasks'
import { useCall } from '../../parts/calls'
import { useWords } from '../../shell/language'
import { go, usePlace } from '../../shell/router'
import { EchoTask } from './EchoTask'
import { words } from './words'

const first = { count: 200, interval_ms: 50, size: 24, fail_at: 0, fail_times: 1, review_at: 0 }

type Knobs = typeof first

const most: Knobs = { count: 1_000_000, interval_ms: 60_000, size: 65_536, fail_at: 1_000_000, fail_times: 100, review_at: 1_000_000 }

const presets: Record<string, Partial<Knobs>> = {
  slow: { count: 200, interval_ms: 100 },
  flood: { count: 50_000, interval_ms: 0, size: 20 },
  failing: { count: 60, interval_ms: 50, fail_at: 30, fail_times: 2 },
  review: { count: 60, interval_ms: 50, review_at: 30 },
}

/** Tries the connection out with a task whose text anybody can check. */
const Page = () => {
  const taskId = usePlace().query.get('task')
  return taskId ? <EchoTask key={taskId} taskId={taskId} /> : <Form />
}

const Form = () => {
  const text = useWords(words)
  const [knobs, setKnobs] = useState(first)
  const call = useCall()
  const start = (chosen: Knobs) =>
    call.run(async () => {
      const { fail_at, review_at, ...input } = chosen
      const task = await createTask({ kind: 'echo', input: { ...input, fail_at: fail_at || null, review_at: review_at || null }, labels: { title: `echo ${chosen.count}` } })
      go(`/playground/?task=${task.task_id}`)
    })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void start(knobs)
  }
  return (
    <>
      <form className="card" onSubmit={submit}>
        <h1>{text.title}</h1>
        <p className="dim">{text.intro}</p>
        <fieldset>
          <legend>{text.presets}</legend>
          <div className="row">
            {Object.entries(presets).map(([name, preset]) => (
              <button key={name} type="button" disabled={call.busy} onClick={() => start({ ...first, ...preset })}>
                {text.preset[name]}
              </button>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{text.knobs}</legend>
          <div className="fields">
            {(Object.keys(first) as (keyof Knobs)[]).map((name) => (
              <label key={name}>
                {text[name]}
                <input
                  type="number"
                  required
                  min={name === 'size' || name === 'fail_times' ? 1 : 0}
                  max={most[name]}
                  value={Number.isNaN(knobs[name]) ? '' : knobs[name]}
                  onChange={({ target }) => setKnobs({ ...knobs, [name]: target.valueAsNumber })}
                />
              </label>
            ))}
          </div>
          <SettingsForm />
        </fieldset>
        {call.problem && (
          <p className="bad" role="alert">
            {call.problem}
          </p>
        )}
        <button type="submit" className="primary" disabled={call.busy}>
          {text.start}
        </button>
      </form>
      <ActiveTasks kind="echo" />
    </>
  )
}

export default Page
