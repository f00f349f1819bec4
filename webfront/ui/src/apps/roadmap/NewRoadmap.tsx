import { createTask } from '@holdfast/client'
import { useState, type FormEvent } from 'react'
import { useCall } from '../../parts/calls'
import { useFormats, useWords } from '../../shell/language'
import { go } from '../../shell/router'
import { words } from './words'

/** What a document is called before anybody has read it. */
const titleOf = (document: string) => document.split('\n').find((line) => line.trim())?.replace(/^#+\s*/, '').trim().slice(0, 80) ?? ''

export const NewRoadmap = () => {
  const text = useWords(words)
  const { number } = useFormats()
  const [document, setDocument] = useState('')
  const [title, setTitle] = useState('')
  const [most, setMost] = useState('')
  const [review, setReview] = useState(false)
  const call = useCall()

  const pick = (name: string) =>
    call.run(async () => {
      if (!name) return
      const answer = await fetch('/samples/' + name)
      if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
      setDocument(await answer.text())
    })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void call.run(async () => {
      const input = { document, review, ...(title && { title }), ...(most && { max_concepts: Number(most) }) }
      const task = await createTask({ kind: 'roadmap', input, labels: { title: title || titleOf(document) } })
      go(`/roadmap/?task=${task.task_id}`)
    })
  }
  return (
    <form className="card" onSubmit={submit}>
      <h1>{text.title}</h1>
      <p className="dim">{text.intro}</p>
      <div className="fields">
        <label>
          {text.sample}
          <select defaultValue="" onChange={({ target }) => pick(target.value)}>
            {Object.entries(text.samples).map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          {text.file}
          <input type="file" accept=".md,.markdown,.txt,text/*" onChange={({ target }) => call.run(async () => target.files?.[0] && setDocument(await target.files[0].text()))} />
        </label>
      </div>
      <label>
        {text.document}
        <textarea rows={10} required spellCheck={false} value={document} onChange={({ target }) => setDocument(target.value)} />
      </label>
      <p className="dim small-text">{text.characters(number(document.length))}</p>
      <div className="fields">
        <label>
          {text.planTitle}
          <input maxLength={200} value={title} onChange={({ target }) => setTitle(target.value)} />
        </label>
        <label>
          {text.maxConcepts}
          <input type="number" min={1} value={most} onChange={({ target }) => setMost(target.value)} />
        </label>
      </div>
      <label className="inline">
        <input type="checkbox" checked={review} onChange={({ target }) => setReview(target.checked)} />
        {text.review}
      </label>
      {call.problem && (
        <p className="bad" role="alert">
          {call.problem}
        </p>
      )}
      <button type="submit" className="primary" disabled={call.busy || !document.trim()}>
        {text.make}
      </button>
    </form>
  )
}
