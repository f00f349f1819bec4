import { spawn } from 'node:child_process'

/** Starts a program whose output the caller reads. The kernel ends it with this process, however that one ends. */
export const startChild = (name: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawn('setpriv', ['--pdeathsig', 'KILL', name, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
