// A run that is watched through each of five doors: what has happened is shown at once, and a caller that goes away stops the
// method in the service.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createClient, type Transport } from '@connectrpc/connect'
import { createConnectTransport } from '@connectrpc/connect-node'
import { createGrpcWebTransport } from '@connectrpc/connect-web'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { GrpcJsClient } from '@strait/testkit/grpc-js-client'
import { createOpenApiChecker } from '@strait/testkit/openapi-checker'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'

let cluster: Cluster
let endpoint: Receiver
let run = ''
beforeAll(async () => {
  cluster = await startCluster({ scheduler: false, notifier: false })
  endpoint = await createReceiver(() => 'hang')
  await cluster.jobs.createJob({ job: { name: 'Slow', slug: 'slow', endpointUrl: endpoint.url } })
  run = (await cluster.runs().triggerJob({ job: 'slow' })).run?.id ?? ''
  await endpoint.waitFor(() => true)
})
afterAll(async () => {
  await endpoint.close()
  await cluster[Symbol.asyncDispose]()
})

const origin = () => cluster.dispatchers[0]?.url ?? ''
const authorization = () => `Bearer ${cluster.apiKey}`
const eventsUrl = () => `${origin()}/v1/runs/${run}/events`

/** Watches until the run is seen to execute, then goes away. */
type Watch = () => Promise<void>

const over =
  (make: (baseUrl: string) => Transport): Watch =>
  async () => {
    const leave = new AbortController()
    const headers = { authorization: authorization() }
    const client = createClient(RunService, make(origin()))
    for await (const { event } of client.watchRun({ run }, { headers, signal: leave.signal }))
      if (event?.seq === 2) return leave.abort()
  }

const watchers: Readonly<Record<string, Watch>> = {
  Connect: over((baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1' })),
  'gRPC-Web': over((baseUrl) => createGrpcWebTransport({ baseUrl })),
  async 'gRPC by grpc-js'() {
    using client = new GrpcJsClient(Number(new URL(origin()).port), cluster.apiKey)
    const stream = client.stream(RunService.method.watchRun, { run })
    for await (const { event } of stream)
      if (event?.seq === 2) {
        stream.cancel()
        return
      }
  },
  async curl() {
    const child = spawn('curl', ['-sSN', '-H', `Authorization: ${authorization()}`, eventsUrl()])
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await waitFor(() => said.includes('id: 2\n'), { what: 'the second event' })
    child.kill()
    await once(child, 'close')
  },
  async 'REST by fetch'() {
    const leave = new AbortController()
    const headers = { authorization: authorization() }
    const answer = await fetch(eventsUrl(), { headers, signal: leave.signal })
    let said = ''
    for await (const bytes of answer.body ?? []) {
      said += new TextDecoder().decode(bytes)
      if (said.includes('id: 2\n')) break
    }
    leave.abort()
  },
}

/** How many watches were broken off by their callers, as the service counts them. */
async function broken(): Promise<number> {
  const metrics = await (await fetch(`${cluster.dispatchers[0]?.opsUrl}/metrics`)).text()
  const found = /strait_rpc_seconds_count\{[^}]*RunService\/WatchRun"[^}]*code="canceled"[^}]*\} (\d+)/.exec(
    metrics,
  )
  return Number(found?.[1] ?? 0)
}

test.each(Object.keys(watchers))('%s: a caller that goes away stops the method', async (name) => {
  const before = await broken()
  await watchers[name]?.().catch((err: Error) => {
    // Whoever breaks off a stream is told so by its own client.
    if (!/abort|cancel/i.test(err.message)) throw err
  })
  await waitFor(async () => (await broken()) === before + 1, { what: 'the service to count it' })
  expect(await broken()).toBe(before + 1)
})

test('over REST a stream that broke goes on behind its last event, as documented', async () => {
  const leave = new AbortController()
  const headers = { authorization: authorization(), 'last-event-id': '1' }
  const answer = await fetch(eventsUrl(), { headers, signal: leave.signal })
  let said = ''
  for await (const bytes of answer.body ?? []) {
    said += new TextDecoder().decode(bytes)
    if (said.includes('\n\n')) break
  }
  leave.abort()
  const [id, data = ''] = said.trim().split('\n')
  expect(id).toBe('id: 2')
  const check = createOpenApiChecker()
  expect(
    check({
      method: 'GET',
      path: `/v1/runs/${run}/events`,
      status: answer.status,
      contentType: answer.headers.get('content-type'),
      body: JSON.parse(data.replace(/^data: /, '')),
    }),
  ).toEqual([])
})
