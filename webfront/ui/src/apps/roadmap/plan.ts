/** A roadmap as the generator makes it: PROTOCOL.md, section 9. Its stage list is the same without extracts. */
export interface Plan {
  title: string
  stages: Stage[]
}

export interface Stage {
  title: string
  minutes: number
  concepts: Concept[]
}

export interface Concept {
  concept_id: string
  title: string
  extract?: string[]
  requires: string[]
  minutes: number
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** A plan, where that is what it is. */
export const asPlan = (value: unknown): Plan | null => (isObject(value) && Array.isArray(value.stages) && value.stages.every((one) => isObject(one) && Array.isArray(one.concepts)) ? (value as unknown as Plan) : null)

/** As a document to read elsewhere. */
export const toMarkdown = (plan: Plan): string => {
  const titles = new Map(plan.stages.flatMap(({ concepts }) => concepts.map((one) => [one.concept_id, one.title])))
  const lines = [`# ${plan.title}`, '']
  plan.stages.forEach((stage, n) => {
    lines.push(`## ${n + 1}. ${stage.title} (${stage.minutes} min)`, '')
    for (const concept of stage.concepts) {
      lines.push(`### ${concept.title} (${concept.minutes} min)`, '')
      const before = concept.requires.map((id) => titles.get(id)).filter((one) => one !== undefined)
      if (before.length) lines.push(`After: ${before.join('; ')}`, '')
      for (const sentence of concept.extract ?? []) lines.push(`> ${sentence.replaceAll('\n', ' ')}`, '>')
      if (lines.at(-1) === '>') lines[lines.length - 1] = ''
    }
  })
  return lines.join('\n')
}

const at = <Item,>(list: readonly Item[], n: number, change: (item: Item) => Item): Item[] => list.map((item, i) => (i === n ? change(item) : item))

const without = <Item,>(list: readonly Item[], n: number): Item[] => list.filter((_, i) => i !== n)

const inserted = <Item,>(list: readonly Item[], n: number, item: Item): Item[] => [...list.slice(0, n), item, ...list.slice(n)]

/** How many concepts a stage may have: PROTOCOL.md, section 9. */
const mostInStage = 15

/** Where a concept comes to when it is moved by one: from the end of a stage into the next. Null: there is no place for it. */
export const placeOf = ({ stages }: Plan, stage: number, concept: number, by: -1 | 1): { stage: number; concept: number } | null => {
  const next = concept + by
  if (stages[stage]?.concepts[next]) return { stage, concept: next }
  const other = stages[stage + by]
  return other && other.concepts.length < mostInStage ? { stage: stage + by, concept: by > 0 ? 0 : other.concepts.length } : null
}

/** A reviewer's change of a stage list. `concept` null: of the stage itself. */
export type Edit = { stage: number; concept: number | null } & ({ do: 'rename'; title: string } | { do: 'move'; by: -1 | 1 } | { do: 'remove' })

export const edited = (plan: Plan, edit: Edit): Plan => {
  const { stage, concept } = edit
  if (concept === null) return { ...plan, stages: editedStages(plan.stages, stage, edit) }
  const concepts = (list: Stage[], n: number, change: (concepts: Concept[]) => Concept[]) => at(list, n, (one) => ({ ...one, concepts: change(one.concepts) }))
  let { stages } = plan
  if (edit.do === 'rename') stages = concepts(stages, stage, (list) => at(list, concept, (one) => ({ ...one, title: edit.title })))
  else {
    const one = stages[stage]?.concepts[concept]
    const place = edit.do === 'move' ? placeOf(plan, stage, concept, edit.by) : null
    if (!one || (edit.do === 'move' && !place)) return plan
    stages = concepts(stages, stage, (list) => without(list, concept))
    if (place) stages = concepts(stages, place.stage, (list) => inserted(list, place.concept, one))
  }
  // A stage without concepts is none.
  return { ...plan, stages: stages.filter((one) => one.concepts.length) }
}

const editedStages = (stages: Stage[], n: number, edit: Edit): Stage[] => {
  if (edit.do === 'rename') return at(stages, n, (one) => ({ ...one, title: edit.title }))
  const [one, to] = [stages[n], edit.do === 'move' ? n + edit.by : null]
  if (!one || (to !== null && !stages[to])) return stages
  return to === null ? without(stages, n) : inserted(without(stages, n), to, one)
}
