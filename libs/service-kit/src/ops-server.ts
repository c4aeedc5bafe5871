// Health and metrics on a port of their own, so that a flood on the RPC port never hides the process from its keeper.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listen } from './listen.ts'
import { type Part, takingTurns } from './part.ts'
import type { Telemetry } from './telemetry.ts'

/** What an ops server is made of. */
export interface OpsServerOptions {
  readonly host: string
  readonly port: number
  readonly ready: () => boolean
  readonly telemetry: Telemetry
}

/** `/livez` is 200 while the process lives, `/readyz` while it wants traffic, `/metrics` is for Prometheus. */
export function createOpsServer(options: OpsServerOptions): Part & { port(): number } {
  const server = createServer((request, response) => serve(options, request, response))
  let port = options.port
  const part = takingTurns('ops-server', {
    async start() {
      port = await listen(server, options.host, options.port)
    },
    // Nothing that is asked here is worth waiting for.
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  })
  return { ...part, port: () => port }
}

function serve(options: OpsServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const say = (status: number, sentence: string) =>
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${sentence}\n`)
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET')
    say(405, 'only GET')
    return
  }
  switch (request.url?.split('?')[0]) {
    case '/livez':
      say(200, 'alive')
      return
    case '/readyz':
      if (options.ready()) say(200, 'ready')
      else say(503, 'not ready')
      return
    case '/metrics':
      options.telemetry.serveMetrics(request, response)
      return
    default:
      say(404, 'there is /livez, /readyz and /metrics')
  }
}
