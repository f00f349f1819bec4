import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from './child'
import { freePorts } from './server'

/** A real Caddy before a server. */
export const startCaddy = async (target: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-caddy-'))
  const [port, adminPort] = await freePorts(2)
  const admin = `127.0.0.1:${adminPort}`
  const config = JSON.stringify({
    admin: { listen: admin },
    apps: {
      http: {
        servers: {
          front: { listen: [`127.0.0.1:${port}`], automatic_https: { disable: true }, routes: [{ handle: [{ handler: 'reverse_proxy', upstreams: [{ dial: new URL(target).host }] }] }] },
        },
      },
    },
  })
  const file = join(folder, 'caddy.json')
  await writeFile(file, config)
  const child = startChild('caddy', ['run', '--config', file], { XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder })
  let said = ''
  await new Promise<void>((done, fail) => {
    child.stderr.on('data', (text) => {
      said = (said + text).slice(-5000)
      if (said.includes('serving initial configuration')) done()
    })
    child.once('error', (error) => fail(new Error(`caddy is needed: ${error.message}`)))
    child.once('exit', (code) => fail(new Error(`caddy ended with ${code}: ${said}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    /** Loads the same configuration once more: this cuts every WebSocket that goes through. */
    async reload() {
      const answer = await fetch(`http://${admin}/load`, { method: 'POST', headers: { 'content-type': 'application/json', 'cache-control': 'must-revalidate' }, body: config })
      if (!answer.ok) throw new Error(await answer.text())
    },
    async stop() {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGKILL')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}
