import { type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from './child'

/** Below those that the system gives to outgoing connections: one of these could take a port between the question and the listening. */
const lowest = 10_000
const ports = 20_000
let next = Math.floor(Math.random() * ports)

const isFree = (port: number) =>
  new Promise<boolean>((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })

/** Ports on which nobody listens. */
export const freePorts = async (count: number): Promise<number[]> => {
  const found: number[] = []
  for (let tries = 0; found.length < count && tries < ports; tries++) {
    const port = lowest + (next++ % ports)
    if (await isFree(port)) found.push(port)
  }
  return found
}

export interface Server {
  readonly url: string
  /** Kills the process, as a power cut would. */
  kill(): Promise<void>
  /** Starts it again, where it was, with its log. */
  start(): Promise<void>
  /** Ends it, and removes its log. */
  remove(): Promise<void>
}

/** Which program is tested. */
export const program = (): string => {
  const path = process.env.HOLDFAST_DLL
  if (!path) throw new Error('HOLDFAST_DLL is the path of holdfast.dll: dotnet build embedded, then artifacts/bin/Holdfast.Embedded/release/holdfast.dll')
  return path
}

/** The real embedded server, as a process of its own. */
export const startServer = async (): Promise<Server> => {
  const data = await mkdtemp(join(tmpdir(), 'holdfast-ui-'))
  const [port, silo, gateway] = await freePorts(3)
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((done) => child!.once('exit', done))
    child.kill(signal)
    await gone
  }
  const server: Server = {
    url: `http://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    async start() {
      const started = startChild('dotnet', [program(), '--port', `${port}`, '--silo-port', `${silo}`, '--gateway-port', `${gateway}`, '--data', data])
      child = started
      let said = ''
      await new Promise<void>((done, fail) => {
        const hear = (text: Buffer) => {
          said = (said + text).slice(-5000)
          if (said.includes(' is up.')) done()
        }
        started.stdout.on('data', hear)
        started.stderr.on('data', hear)
        started.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)))
        started.once('error', fail)
      })
    },
    async remove() {
      await end('SIGKILL')
      await rm(data, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}
