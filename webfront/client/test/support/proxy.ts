import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a real server and can break what goes through: `cut()` destroys all connections, `refuse` the new ones. */
export const proxy = async (target: string) => {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  const self = {
    url: '',
    refuse: false,
    cut() {
      for (const socket of open) socket.destroy()
    },
    async close() {
      self.cut()
      await new Promise((done) => server.close(done))
    },
  }
  const server = createServer((near) => {
    if (self.refuse) return void near.destroy()
    const far = connect(Number(port), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return self
}
