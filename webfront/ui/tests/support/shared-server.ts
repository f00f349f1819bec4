import { cp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { program, startServer } from './server'

declare module 'vitest' {
  interface ProvidedContext {
    url: string
  }
}

/** The server serves what lies beside it: what was built just now is put there, as its own build would. */
const install = async () => {
  const served = join(dirname(program()), 'wwwroot', 'ui')
  await rm(served, { recursive: true, force: true })
  await cp(fileURLToPath(new URL('../../dist', import.meta.url)), served, { recursive: true })
}

/** One server for all tests that don't break theirs. */
export default async (project: TestProject) => {
  await install()
  const server = await startServer()
  project.provide('url', server.url)
  return () => server.remove()
}
