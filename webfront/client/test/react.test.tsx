// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode, useState } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TaskBoundary, type UsedTask, useMonitor, useTask, useTasks } from '../src/react/index.js'
import type { FakeServer } from './support/fake-server.js'
import { NodeSocket, quick, stage } from './support/watching.js'

const { server: start } = stage()
afterEach(cleanup)

const options = (server: FakeServer) => ({ url: server.url, webSocket: NodeSocket, ...quick, lingerMs: 50 })
const Text = ({ server, id = 't_00000001', onState }: { server: FakeServer; id?: string | null; onState?: (task: UsedTask, id: string | null) => void }) => {
  const task = useTask(id, options(server))
  onState?.(task, id)
  return <p data-testid="text">{`${task.connection.state}: ${task.text.main ?? ''}`}</p>
}
const shown = (text: string) => vi.waitFor(() => expect(screen.getByTestId('text').textContent).toBe(text), { timeout: 15_000 })

describe('useTask', () => {
  it('renders the text as it comes, with one connection under StrictMode and however many components', async () => {
    const server = await start()
    const fake = server.task()
    fake.token('Hello ')
    render(
      <StrictMode>
        <Text server={server} />
        <div hidden>
          {Array.from({ length: 10 }, (_, i) => (
            <Silent key={i} server={server} />
          ))}
        </div>
      </StrictMode>,
    )
    await shown('live: Hello ')
    act(() => void fake.token('world'))
    await shown('live: Hello world')
    expect(server.accepted.length).toBe(1)
    cleanup()
    await server.until(() => server.open === 0)
  })

  it('survives its component: unmounted and mounted elsewhere, it finds its connection', async () => {
    const server = await start()
    server.task().token('x')
    const { rerender } = render(
      <div>
        <Text server={server} />
      </div>,
    )
    await shown('live: x')
    rerender(
      <section>
        <Text server={server} />
      </section>,
    )
    await shown('live: x')
    expect(server.accepted.length).toBe(1)
  })

  it('follows its task id, never shows one task under the id of another, and waits while there is none', async () => {
    const server = await start()
    server.task('t_00000001').token('one')
    server.task('t_00000002').token('two')
    const seen: [UsedTask, string | null][] = []
    const { rerender } = render(<Text server={server} id={null} />)
    await shown('idle: ')
    rerender(<Text server={server} id="t_00000001" onState={(...one) => seen.push(one)} />)
    await shown('live: one')
    rerender(<Text server={server} id="t_00000002" onState={(...one) => seen.push(one)} />)
    await shown('live: two')
    expect(server.accepted.map(({ taskId }) => taskId)).toEqual(['t_00000001', 't_00000002'])
    for (const [{ taskId, text }, id] of seen) {
      expect(taskId).toBe(id)
      expect(text.main ?? '').toMatch(taskId === 't_00000001' ? /^(one)?$/ : /^(two)?$/)
    }
  })

  it('cancels and reviews', async () => {
    const server = await start()
    const fake = server.task()
    fake.append('review_required', { review_id: 'r1', prompt: '?', payload: null, expires_at: null })
    let task!: UsedTask
    render(<Text server={server} onState={(one) => (task = one)} />)
    await vi.waitFor(() => expect(task.pendingReview).toBeTruthy(), { timeout: 10_000 })
    await act(() => task.review({ decision: 'approve' }))
    await act(() => task.cancel())
    expect(server.posts.map(({ path }) => path)).toEqual(['/api/v1/tasks/t_00000001/review', '/api/v1/tasks/t_00000001/cancel'])
    await shown('ended: ')
  })

  it('renders on a server, without a connection', async () => {
    const server = await start()
    expect(renderToString(<Text server={server} />)).toContain('idle: ')
    expect(server.accepted.length).toBe(0)
  })
})

describe('TaskBoundary', () => {
  it('shows what failed for good and lets the rest of the page be; another key tries again', async () => {
    const server = await start()
    server.task('t_00000002').token('fine')
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    const Throwing = ({ id }: { id: string }) => {
      const task = useTask(id, { ...options(server), throwOnFailure: true })
      return <p data-testid="text">{task.text.main}</p>
    }
    const Page = () => {
      const [id, setId] = useState('t_nowhere1')
      return (
        <>
          <button onClick={() => setId('t_00000002')}>other</button>
          <TaskBoundary resetKey={id} fallback={({ error }) => <p data-testid="text">{`${error.name}: ${error.message}`}</p>}>
            <Throwing id={id} />
          </TaskBoundary>
        </>
      )
    }
    render(<Page />)
    await shown('HoldfastError: refused: task_not_found')
    act(() => screen.getByText('other').click())
    await shown('fine')
    expect(server.accepted.map(({ taskId }) => taskId)).toEqual(['t_nowhere1', 't_00000002'])
    errors.mockRestore()
  })

  it('tries again when asked', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    let broken = true
    const Fragile = () => {
      if (broken) throw new Error('mine')
      return <p data-testid="text">whole</p>
    }
    render(
      <TaskBoundary
        fallback={({ error, reset }) => (
          <button data-testid="text" onClick={reset}>
            {error.message}
          </button>
        )}
      >
        <Fragile />
      </TaskBoundary>,
    )
    await shown('mine')
    broken = false
    act(() => screen.getByTestId('text').click())
    await shown('whole')
    errors.mockRestore()
  })
})

describe('useTasks', () => {
  it('finds the tasks that run, as they come and go', async () => {
    const server = await start()
    const fake = server.task()
    const List = () => {
      const { tasks, loaded } = useTasks({ status: 'active' }, { url: server.url, ...quick, fetch: nodeFetch })
      return <p data-testid="text">{loaded ? tasks.map(({ task_id }) => task_id).join() : 'loading'}</p>
    }
    render(
      <StrictMode>
        <List />
      </StrictMode>,
    )
    await shown('t_00000001')
    act(() => void server.task('t_00000002'))
    await shown('t_00000002,t_00000001')
    act(() => void fake.complete())
    await shown('t_00000002')
    expect(server.accepted.length).toBe(1)
  })
})

describe('useMonitor', () => {
  it('has the newest figures over one connection', async () => {
    const server = await start()
    const Monitor = () => {
      const { figures, connection } = useMonitor({ url: server.url, ...quick, fetch: nodeFetch })
      return <p data-testid="text">{figures ? `${figures.tasks.running} ${connection.state}` : 'none'}</p>
    }
    render(
      <StrictMode>
        <Monitor />
      </StrictMode>,
    )
    await shown('0 live')
    act(() => void server.task())
    await shown('1 live')
    expect(server.accepted.length).toBe(1)
  })
})

const Silent = ({ server }: { server: FakeServer }) => {
  useTask('t_00000001', options(server))
  return null
}
// The page's own fetch is happy-dom's; what is tested here is the hook.
const nodeFetch: typeof fetch = (input, init) => fetch(input, init)
