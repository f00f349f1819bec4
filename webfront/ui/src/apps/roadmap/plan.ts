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

const moved = <Item,>(list: readonly Item[], from: number, by: number): Item[] => {
  const next = [...list]
  const [item] = next.splice(from, 1)
  next.splice(from + by, 0, item!)
  return next
}

const at = <Item,>(list: readonly Item[], n: number, change: (item: Item) => Item): Item[] => list.map((item, i) => (i === n ? change(item) : item))

/** A reviewer's change of a stage list. `concept` null: of the stage itself. */
export type Edit = { stage: number; concept: number | null } & ({ do: 'rename'; title: string } | { do: 'move'; by: -1 | 1 } | { do: 'remove' })

export const edited = (plan: Plan, edit: Edit): Plan => {
  const apply = <Item extends { title: string }>(list: Item[], n: number): Item[] => {
    if (edit.do === 'rename') return at(list, n, (item) => ({ ...item, title: edit.title }))
    if (edit.do === 'remove') return list.filter((_, i) => i !== n)
    return n + edit.by < 0 || n + edit.by >= list.length ? list : moved(list, n, edit.by)
  }
  const { stage, concept } = edit
  if (concept === null) return { ...plan, stages: apply(plan.stages, stage) }
  const stages = at(plan.stages, stage, (one) => ({ ...one, concepts: apply(one.concepts, concept) }))
  // A stage without concepts is none.
  return { ...plan, stages: stages.filter(({ concepts }) => concepts.length) }
}
