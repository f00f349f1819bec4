import type { ReviewAnswer } from '@holdfast/client'
import { useState } from 'react'
import { useCall } from '../../parts/calls'
import { useWords } from '../../shell/language'
import { edited, placeOf, type Edit, type Plan, type Stage } from './plan'
import { words } from './words'

/** The same wherever a stage and its concepts are moved to. */
const keyOf = ({ concepts }: Stage) => concepts.map((one) => one.concept_id).sort()[0]

/** The stage list, to be changed and approved. */
export const Review = ({ plan, answer }: { plan: Plan; answer: (answer: ReviewAnswer) => Promise<unknown> }) => {
  const text = useWords(words)
  const [mine, setMine] = useState(plan)
  // A concept that changes its stage is a new line there: the button that moved it keeps the focus.
  const [crossed, setCrossed] = useState<{ concept: string; by: -1 | 1 } | null>(null)
  const call = useCall()
  const changed = mine !== plan
  const untitled = mine.stages.some(({ title, concepts }) => !title.trim() || concepts.some((one) => !one.title.trim()))
  const edit = (change: Edit) => setMine(edited(mine, change))
  const decide = (decision: ReviewAnswer['decision']) => call.run(() => answer({ decision, ...(decision === 'revise' && { edits: mine }) }))
  return (
    <section className="ask" aria-label={text.reviewTitle}>
      <h2>{text.reviewTitle}</h2>
      <p className="dim">{text.reviewHint}</p>
      <ol className="edit">
        {mine.stages.map((stage, n) => (
          <li key={keyOf(stage)}>
            <Line title={stage.title} label={text.stageTitle(n + 1)} edit={(change) => edit({ stage: n, concept: null, ...change })} first={n === 0} last={n === mine.stages.length - 1} only={mine.stages.length === 1} />
            <ul className="plain">
              {stage.concepts.map((concept, i) => (
                <li key={concept.concept_id}>
                  <Line
                    title={concept.title}
                    label={text.conceptTitle(i + 1, n + 1)}
                    edit={(change) => {
                      setCrossed(change.do === 'move' ? { concept: concept.concept_id, by: change.by } : null)
                      edit({ stage: n, concept: i, ...change })
                    }}
                    first={!placeOf(mine, n, i, -1)}
                    last={!placeOf(mine, n, i, 1)}
                    focus={crossed?.concept === concept.concept_id ? crossed.by : undefined}
                    only={mine.stages.length === 1 && stage.concepts.length === 1}
                  />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {call.problem && (
        <p className="bad" role="alert">
          {call.problem}
        </p>
      )}
      <div className="row">
        <button type="button" className="primary" disabled={call.busy || untitled} onClick={() => decide(changed ? 'revise' : 'approve')}>
          {changed ? text.approveChanged : text.approve}
        </button>
        {changed && (
          <button type="button" onClick={() => (setCrossed(null), setMine(plan))}>
            {text.undo}
          </button>
        )}
        <button type="button" disabled={call.busy} onClick={() => decide('reject')}>
          {text.reject}
        </button>
      </div>
    </section>
  )
}

type Change = { do: 'rename'; title: string } | { do: 'move'; by: -1 | 1 } | { do: 'remove' }

interface LineProps {
  title: string
  label: string
  edit: (change: Change) => void
  first: boolean
  last: boolean
  only: boolean
  focus?: -1 | 1 | undefined
}

const Line = ({ title, label, edit, first, last, only, focus }: LineProps) => {
  const text = useWords(words)
  return (
    <div className="line">
      <input aria-label={label} required maxLength={200} value={title} onChange={({ target }) => edit({ do: 'rename', title: target.value })} />
      <button type="button" className="icon" disabled={first} autoFocus={focus === -1} aria-label={text.up(title)} onClick={() => edit({ do: 'move', by: -1 })}>
        ↑
      </button>
      <button type="button" className="icon" disabled={last} autoFocus={focus === 1} aria-label={text.down(title)} onClick={() => edit({ do: 'move', by: 1 })}>
        ↓
      </button>
      <button type="button" className="icon" disabled={only} aria-label={text.remove(title)} onClick={() => edit({ do: 'remove' })}>
        ×
      </button>
    </div>
  )
}
