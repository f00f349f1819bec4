import type { Item, TaskState } from '@holdfast/client'
import { memo } from 'react'
import { Inline } from '../../parts/Inline'
import { useFormats, useWords } from '../../shell/language'
import type { Concept, Plan, Stage } from './plan'
import { words } from './words'

/** Stages and concepts, as far as they are written. */
export const PlanView = ({ plan, task }: { plan: Plan; task: TaskState }) => {
  const text = useWords(words)
  const states = new Map(task.items.map((item) => [item.id, item.status]))
  const titles = new Map(plan.stages.flatMap(({ concepts }) => concepts.map((one) => [one.concept_id, one.title])))
  return (
    <section className="card plan" aria-label={text.plan} aria-busy={task.connection.state !== 'ended'}>
      <ol className="stages">
        {plan.stages.map((stage, n) => (
          <li key={n}>
            <StageHead stage={stage} n={n + 1} done={stage.concepts.filter((one) => one.extract || states.get(one.concept_id) === 'completed').length} />
            <ul className="plain concepts">
              {stage.concepts.map((one) => (
                <ConceptView
                  key={one.concept_id}
                  concept={one}
                  state={one.extract ? 'completed' : states.get(one.concept_id)}
                  written={one.extract?.join('\n') ?? task.text[one.concept_id] ?? ''}
                  after={one.requires.map((id) => titles.get(id) ?? '').filter(Boolean).join(' · ')}
                />
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </section>
  )
}

const StageHead = ({ stage, n, done }: { stage: Stage; n: number; done: number }) => {
  const text = useWords(words)
  const { number } = useFormats()
  const all = stage.concepts.length
  return (
    <div className="stage-head">
      <h2>
        <span className="dim">{text.stage(n)}</span> {stage.title}
      </h2>
      <span className="dim small-text">
        {text.minutes(number(stage.minutes))} · {text.concepts(number(done), number(all))}
      </span>
      {done < all && <progress max={all} value={done} aria-label={`${text.stage(n)}: ${text.concepts(number(done), number(all))}`} />}
    </div>
  )
}

interface ConceptProps {
  concept: Concept
  state: Item['status'] | undefined
  written: string
  after: string
}

/** Only what has changed is drawn again: a plan may have hundreds of concepts. */
const ConceptView = memo(({ concept, state, written, after }: ConceptProps) => {
  const text = useWords(words)
  const { number } = useFormats()
  return (
    <li className="concept" data-state={state ?? 'waiting'}>
      <h3>
        {concept.title} <span className="dim small-text">{text.minutes(number(concept.minutes))}</span>
        <span className="visually-hidden">, {state === 'completed' ? text.written : state ? text.writing : text.waiting}</span>
      </h3>
      {after && (
        <p className="dim small-text">
          {text.requires}: {after}
        </p>
      )}
      {written && (
        <blockquote>
          {written.split('\n').map((sentence, n) => (
            <p key={n}>
              <Inline text={sentence} />
            </p>
          ))}
        </blockquote>
      )}
    </li>
  )
})
