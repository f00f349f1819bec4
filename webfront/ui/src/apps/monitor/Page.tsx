import type { MonitorFigures } from '@holdfast/client'
import { useMemo } from 'react'
import { useShown } from '../../connection/shown'
import { Chart } from '../../parts/Chart'
import { words as common } from '../../parts/words'
import { useWords } from '../../shell/language'
import { usePlace } from '../../shell/router'
import { latency, meanLatency, rates, stepsOf, useFigures } from './figures'
import { Cluster, Ends, Health } from './Tables'
import { Session } from './Session'
import { Sessions } from './Sessions'
import { Timeline } from './Timeline'
import { words } from './words'

const open = ['queued', 'running', 'awaiting_review']

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0)

/** How the cluster is, second by second. */
const Page = () => {
  const text = useWords(words)
  const { history, connection, reconnect } = useFigures()
  useShown(connection, reconnect)
  const now = history.at(-1)
  const { query } = usePlace()
  const [taskId, sessionId] = [query.get('task'), query.get('session')]
  const timeline = <Timeline key={taskId} taskId={taskId} />
  return (
    <>
      <div className="row spread">
        <h1>{text.title}</h1>
        <span>
          <a href="/api/v1/monitor">{text.json}</a> · <a href="/metrics">{text.metrics}</a>
        </span>
      </div>
      {sessionId && <Session key={sessionId} sessionId={sessionId} fronts={now?.fronts ?? []} back={taskId ? `/monitor/?task=${encodeURIComponent(taskId)}` : '/monitor/'} />}
      {taskId && timeline}
      {!now ? (
        <p className="dim" role="status">
          {text.waiting}
        </p>
      ) : (
        <>
          <Cluster now={now} />
          <Health now={now} />
          <Charts history={history} />
          <Ends now={now} />
        </>
      )}
      <Sessions taskId={taskId} />
      {!taskId && timeline}
    </>
  )
}

const Charts = ({ history }: { history: MonitorFigures[] }) => {
  const text = useWords(words)
  const { statuses } = useWords(common)
  const kinds = [...new Set(history.flatMap((one) => Object.keys(one.active_by_kind)))].sort().slice(0, 6)
  const shown = useMemo(() => {
    const steps = stepsOf(history)
    return {
      times: history.map((one) => Date.parse(one.time) / 1000),
      tasks: open.map((status) => ({ label: statuses[status]!, values: history.map((one) => one.tasks[status] ?? 0) })),
      kinds: kinds.map((kind) => ({ label: kind, values: history.map((one) => one.active_by_kind[kind] ?? 0) })),
      traffic: [
        { label: text.appended, values: rates(steps, (one) => one.work.events_appended) },
        { label: text.delivered, values: rates(steps, (one) => one.connections.messages_delivered) },
      ],
      appends: [
        { label: text.mean, values: meanLatency(steps) },
        { label: text.p50, values: latency(steps, 0.5) },
        { label: text.p99, values: latency(steps, 0.99) },
      ],
      viewers: [
        { label: text.open, values: history.map((one) => one.connections.open) },
        { label: text.polling, values: history.map((one) => one.connections.polling) },
        { label: text.slow, values: history.map((one) => one.connections.slow) },
      ],
      comings: [
        { label: text.connects, values: rates(steps, (one) => sum(one.connections.opened)) },
        { label: text.disconnects, values: rates(steps, (one) => one.connections.closed.reduce((all, { count }) => all + count, 0)) },
      ],
    }
  }, [history, text, statuses, kinds.join()])
  return (
    <div className="charts">
      <Chart title={text.tasks} times={shown.times} lines={shown.tasks} />
      <Chart title={text.kinds} times={shown.times} lines={shown.kinds.length ? shown.kinds : [{ label: text.noKinds, values: shown.times.map(() => 0) }]} />
      <Chart title={text.traffic} times={shown.times} lines={shown.traffic} />
      <Chart title={text.appends} times={shown.times} lines={shown.appends} digits={2} unit="ms" />
      <Chart title={text.viewers} times={shown.times} lines={shown.viewers} />
      <Chart title={text.comings} times={shown.times} lines={shown.comings} digits={1} />
    </div>
  )
}

export default Page
