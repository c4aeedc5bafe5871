// Somebody's endpoint, and somebody's webhook receiver: a plain HTTP server beside Strait that knows nothing of its inside. What it
// prints is what it received.

import { createServer, type IncomingMessage, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Part } from '@strait/service-kit/part'
import { Webhook } from 'standardwebhooks'

/** A request as it came. */
export interface Received {
  readonly path: string
  readonly header: (name: string) => string
  readonly body: string
}

/** A webhook as it came, and what the standardwebhooks package says of its signature. */
export interface ReceivedWebhook extends Received {
  readonly verified: boolean
  readonly type: string
  readonly runId: string
  readonly jobSlug: string
}

/** The sample endpoint as a part. */
export interface SampleEndpoint extends Part {
  url(path: string): string
  port(): number
}

/** `/work` fails the first attempt of a run and answers the next; `/webhook` verifies and answers. */
export function createSampleEndpoint(options: {
  readonly preferredPort: number | undefined
  readonly webhookSecret: string
  readonly onWork: (request: Received, status: number) => void
  readonly onWebhook: (webhook: ReceivedWebhook) => void
}): SampleEndpoint {
  const verifier = new Webhook(options.webhookSecret)
  let port = 0

  const server: Server = createServer(async (message, response) => {
    const request = await receive(message)
    if (request.path === '/webhook') {
      options.onWebhook(check(verifier, request))
      response.writeHead(204).end()
      return
    }
    // The greeting fails once, so that the story shows a retry; the clock's job never does.
    const fails = request.path === '/hello' && request.header('x-strait-attempt') === '1'
    const status = fails ? 503 : 200
    options.onWork(request, status)
    const answer = fails ? { error: 'not yet, try again' } : { greeting: 'hello', got: parse(request.body) }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })

  return {
    name: 'sample-endpoint',
    url: (path) => `http://127.0.0.1:${port}${path}`,
    port: () => port,
    async start() {
      port = await listenOn(server, options.preferredPort ?? 0).catch(() => listenOn(server, 0))
    },
    async stop() {
      if (!server.listening) return
      await new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
    },
  }
}

async function receive(message: IncomingMessage): Promise<Received> {
  const body = (await buffer(message)).toString('utf8')
  return {
    path: message.url ?? '/',
    body,
    header: (name) => {
      const value = message.headers[name]
      return Array.isArray(value) ? value.join(', ') : (value ?? '')
    },
  }
}

function check(verifier: Webhook, request: Received): ReceivedWebhook {
  const headers = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, request.header(name)]),
  )
  const event = parse(request.body) as { type?: string; data?: { run_id?: string; job_slug?: string } } | null
  const about = {
    type: event?.type ?? '',
    runId: event?.data?.run_id ?? '',
    jobSlug: event?.data?.job_slug ?? '',
  }
  try {
    verifier.verify(request.body, headers)
    return { ...request, ...about, verified: true }
  } catch {
    return { ...request, ...about, verified: false }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail)
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
