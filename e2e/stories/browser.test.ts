// A page in a browser calls Strait at another origin: REST and gRPC-Web by fetch, under the rules that a browser keeps (it asks
// first, and hides what it was not told to show). The page is happy-dom's.

import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { createGrpcWebTransport } from '@connectrpc/connect-web'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { Window } from 'happy-dom'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'

const allowed = 'http://console.example.com'
let cluster: Cluster
let endpoint: Receiver
beforeAll(async () => {
  cluster = await startCluster({
    scheduler: false,
    notifier: false,
    env: { STRAIT_CORS_ORIGINS: `${allowed},https://other.example.com` },
  })
  endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Page', slug: 'page', endpointUrl: endpoint.url } })
})
afterAll(async () => {
  await endpoint.close()
  await cluster[Symbol.asyncDispose]()
})

/** The fetch of a page at this address. Headers and signals of this process are strangers to the page and handed over. */
function pageAt(origin: string): typeof fetch {
  const window = new Window({ url: `${origin}/index.html` })
  onTestFinished(() => window.happyDOM.close())
  return (async (url: string, { headers, signal, ...init }: RequestInit = {}) => {
    const leave = new window.AbortController()
    signal?.addEventListener('abort', () => leave.abort())
    const own = {
      ...init,
      headers: Object.fromEntries(new Headers(headers)),
      signal: leave.signal,
    } as Parameters<typeof window.fetch>[1]
    return window.fetch(url, own)
  }) as unknown as typeof fetch
}

const bearer = () => ({ authorization: `Bearer ${cluster.apiKey}` })
const dispatcher = () => cluster.dispatchers[0]?.url ?? ''

test('a page calls REST: reads, creates, and sees where what it created is', async () => {
  const fetch = pageAt(allowed)
  const job = await fetch(`${cluster.catalog.url}/v1/jobs/page`, { headers: bearer() })
  expect(await job.json()).toMatchObject({ slug: 'page' })
  expect(job.headers.get('etag')).toMatch(/^"ver_/)
  const run = await fetch(`${dispatcher()}/v1/jobs/page/trigger`, {
    method: 'POST',
    headers: { ...bearer(), 'content-type': 'application/json', 'idempotency-key': 'from a page' },
    body: '{"payload":{"from":"page"}}',
  })
  expect(run.status).toBe(201)
  expect(run.headers.get('location')).toMatch(/^\/v1\/runs\//)
  const call = await endpoint.waitFor((request) => request.body.toString() === '{"from":"page"}')
  expect(call.method).toBe('POST')
})

test('a page calls gRPC-Web: an answer, a refusal with its reason, a stream', async () => {
  const fetch = pageAt(allowed)
  const transport = (baseUrl: string) => createGrpcWebTransport({ baseUrl, fetch })
  const jobs = createClient(JobService, transport(cluster.catalog.url))
  expect((await jobs.getJob({ job: 'page' }, { headers: bearer() })).job?.slug).toBe('page')
  const refused = await jobs.getJob({ job: 'none' }, { headers: bearer() }).catch((err: unknown) => err)
  expect(ConnectError.from(refused).code).toBe(Code.NotFound)
  const runs = createClient(RunService, transport(dispatcher()))
  const { run } = await runs.triggerJob({ job: 'page' }, { headers: bearer() })
  const seen: number[] = []
  for await (const { event } of runs.watchRun({ run: run?.id ?? '' }, { headers: bearer() }))
    seen.push(event?.seq ?? 0)
  expect(seen).toEqual([1, 2, 3])
})

test('a page sees why it was refused', async () => {
  const fetch = pageAt(allowed)
  const answer = await fetch(`${cluster.catalog.url}/v1/jobs/none`, { headers: bearer() })
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ reason: 'JOB_NOT_FOUND' })
})

test('a page of another origin gets nothing, and nothing it sends has an effect', async () => {
  const fetch = pageAt('http://evil.example.com')
  const before = endpoint.requests.length
  const call = fetch(`${dispatcher()}/v1/jobs/page/trigger`, {
    method: 'POST',
    headers: { ...bearer(), 'content-type': 'application/json' },
    body: '{}',
  })
  await expect(call).rejects.toThrow(/cross-origin|CORS/i)
  await expect(fetch(`${cluster.catalog.url}/v1/jobs/page`, { headers: bearer() })).rejects.toThrow()
  expect(endpoint.requests.length).toBe(before)
})
