import type { IncomingMessage } from 'node:http'
import type { TransportName } from '../../src/policy.js'
import type { FakeTask } from './fake-task.js'

/** What is to happen on a connection: see the manual of the fake server. */
export interface Step {
  refuse?: number
  word?: string
  retry?: 'stop' | 'reconnect'
  retryAfterMs?: number
  drop?: boolean
  hang?: boolean
  cutAfter?: number
  closeAfter?: number
  code?: number
  muteAfter?: number
  skip?: number
  twice?: boolean
  says?: object[]
}

export interface Accepted {
  transport: TransportName
  taskId: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
}

/** One connection as the tasks see it. */
export interface Viewer {
  task: FakeTask
  at: number
  compact: boolean
  step: Step
  sent: number
  mute: boolean
  over: boolean
  push(message: object): void
  close(code: number, word: string, retry: string, retryAfterMs?: number): void
  destroy(): void
}
