import { createFold, type TaskEvent } from '@holdfast/client'
import { useEffect, useMemo, useRef, useState, type FormEvent } from 'react'
import { useCall } from '../../parts/calls'
import { Status } from '../../parts/Status'
import { StreamText } from '../../parts/StreamText'
import { Table } from '../../parts/Table'
import { useFormats, useWords } from '../../shell/language'
import { go } from '../../shell/router'
import { words } from './words'

/** Read at most so many events. */
const most = 20_000

/** Shown around the moment. */
const around = 8

const read = async (taskId: string): Promise<TaskEvent[]> => {
  const events: TaskEvent[] = []
  for (let after = ''; ; ) {
    const answer = await fetch(`/api/v1/tasks/${encodeURIComponent(taskId)}/events?limit=1000${after && '&after=' + after}`)
    const page = await answer.json()
    if (!answer.ok) throw new Error(page.detail)
    events.push(...page.events)
    if (page.caught_up || !page.events.length || events.length >= most) return events.slice(0, most)
    after = page.cursor
  }
}

/** One task, replayed as a viewer saw it. */
export const Timeline = ({ taskId }: { taskId: string | null }) => {
  const text = useWords(words)
  const [id, setId] = useState(taskId ?? '')
  const [events, setEvents] = useState<TaskEvent[]>([])
  const [asked, setAsked] = useState(0)
  const call = useCall()
  useEffect(() => {
    if (taskId) void call.run(async () => setEvents(await read(taskId)))
    // Once for each task, and each time it is asked for.
  }, [taskId, asked])
  const show = (event: FormEvent) => {
    event.preventDefault()
    setAsked(asked + 1)
    go(`/monitor/?task=${encodeURIComponent(id.trim())}`)
  }
  return (
    <section className="card">
      <h2>{text.timeline}</h2>
      <p className="dim">{text.timelineHint}</p>
      <form className="row" onSubmit={show}>
        <label>
          {text.taskId}
          <input required value={id} onChange={({ target }) => setId(target.value)} />
        </label>
        <button type="submit">{text.show}</button>
      </form>
      {call.problem && (
        <p className="bad" role="alert">
          {call.problem}
        </p>
      )}
      {events.length > 0 && <Replay key={events.length} events={events} />}
    </section>
  )
}

const Replay = ({ events }: { events: TaskEvent[] }) => {
  const text = useWords(words)
  const { number, time } = useFormats()
  const begun = Date.parse(events[0]!.ts)
  const length = Math.max(1, Date.parse(events.at(-1)!.ts) - begun)
  const [at, setAt] = useState(length)
  const [playing, setPlaying] = useState(false)

  useEffect(() => {
    if (!playing) return
    let last = performance.now()
    let frame = requestAnimationFrame(function step(now) {
      setAt((before) => Math.min(length, before + now - last))
      last = now
      frame = requestAnimationFrame(step)
    })
    return () => cancelAnimationFrame(frame)
  }, [playing, length])
  useEffect(() => {
    if (at >= length) setPlaying(false)
  }, [at, length])

  const count = useMemo(() => countUpTo(events, begun + at), [events, begun, at])
  const view = useReplayed(events, count)
  const play = () => {
    if (at >= length) setAt(0)
    setPlaying(!playing)
  }
  return (
    <>
      <div className="row">
        <button type="button" onClick={play}>
          {playing ? text.pause : text.play}
        </button>
        <label className="grow">
          {text.position}: {time(begun + at)}
          <input type="range" min={0} max={length} value={at} onChange={({ target }) => setAt(target.valueAsNumber)} />
        </label>
        {view.status && <Status status={view.status} />}
        <span className="dim">{text.eventsAt(number(count), number(events.length))}</span>
      </div>
      {events.length >= most && <p className="dim">{text.tooMany(number(most))}</p>}
      {Object.entries(view.text).map(([channel, all]) => (
        <StreamText key={channel} text={all} busy={false} label={`${text.text}: ${channel}`} />
      ))}
      <Table label={text.events} columns={text.eventColumns} log>
        {events.slice(Math.max(0, count - around), count + 2).map((event, n) => (
          <tr key={event.seq} className={n >= Math.min(around, count) ? 'dim' : undefined}>
            <td>{event.seq}</td>
            <td>{time(event.ts)}</td>
            <td>{event.type}</td>
            <td className="data">{JSON.stringify(event.data).slice(0, 160)}</td>
          </tr>
        ))}
      </Table>
    </>
  )
}

/** How many events there were at a moment; times never go back. */
const countUpTo = (events: TaskEvent[], at: number): number => {
  let [low, high] = [0, events.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (Date.parse(events[middle]!.ts) <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** The view after so many events. Going on is cheap; going back begins at the start. */
const useReplayed = (events: TaskEvent[], count: number) => {
  const fold = useRef({ made: createFold(), count: 0 })
  return useMemo(() => {
    const now = fold.current
    if (count < now.count) Object.assign(now, { made: createFold(), count: 0 })
    for (; now.count < count; now.count++) now.made.apply(events[now.count]!)
    return now.made.view()
  }, [events, count])
}
