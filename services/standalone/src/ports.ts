import { createServer } from 'node:net'
import { listen } from '@strait/service-kit/listen'

/** Says at once that a port is taken, before anything is booted for it. */
export async function requirePorts(host: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer()
    await listen(server, host, port)
    await new Promise<void>((done) => server.close(() => done()))
  }
}
