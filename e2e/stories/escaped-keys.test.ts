// Keys that JSON writes with an escape stay themselves, the whole way: into the services over every door that speaks JSON, through
// their databases, and out again. What an engine learns from one text it holds against the next, so one job alone shows nothing.

import { createClient } from '@connectrpc/connect'
import { createGrpcWebTransport } from '@connectrpc/connect-web'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { parseJson } from '@strait/domain/json/parse-json'
import { GrpcJsClient } from '@strait/testkit/grpc-js-client'
import { createReceiver } from '@strait/testkit/receiver'
import { expect, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'

type Words = Readonly<Record<string, string>>

// The first key is the same everywhere, and comes first in jsonb too: what the engine expects is the key behind it.
const cases: readonly { readonly tags: Words; readonly ofJob: Words; readonly ofRun: Words }[] = [
  { tags: { '"': 'a' }, ofJob: { '\\': 'b' }, ofRun: {} },
  { tags: { '!': 'a', '\\': 'b' }, ofJob: { '!': 'a', '"': 'b' }, ofRun: {} },
  { tags: { '!': 'a', '"': 'b' }, ofJob: { '!': 'a', '\\': 'b' }, ofRun: { '!': 'c' } },
  { tags: { '!': 'a', '"': 'b', '\\': 'c' }, ofJob: { '!': 'a', '\\': 'b', '"': 'c' }, ofRun: { '"': 'd' } },
  { tags: { '!': 'a', '\\"': 'b' }, ofJob: { '!': 'a' }, ofRun: { '!': 'a', '"': 'c' } },
]

test('a job and its runs keep their escaped keys over every door', async () => {
  await using cluster = await startCluster({ scheduler: false })
  await using endpoint = await createReceiver()
  await using hook = await createReceiver(() => ({ status: 204 }))
  for (const [at, { tags, ofJob, ofRun }] of cases.entries()) {
    const job = `escaped-${at}`
    const fields = { name: job, slug: job, endpointUrl: endpoint.url, webhookUrl: hook.url, tags }
    await over(cluster).json('JobService/CreateJob', { job: { ...fields, defaultRunMetadata: ofJob } })
    for (const [door, shown] of await jobOverEveryDoor(cluster, job)) {
      expect(shown, `${door} ${job}`).toEqual({ tags, metadata: ofJob })
    }

    const { run } = (await over(cluster).json('RunService/TriggerJob', { job, metadata: ofRun })) as {
      run: { id: string }
    }
    const metadata = { ...ofJob, ...ofRun }
    for (const [door, shown] of await runOverEveryDoor(cluster, run.id))
      expect(shown, `${door} ${job}`).toEqual(metadata)
    const told = await hook.waitFor(({ body }) => body.includes(run.id))
    expect(parseJson(told.body.toString())).toMatchObject({ data: { run_id: run.id } })
    expect((parseJson(told.body.toString()) as { data: object }).data).toHaveProperty('metadata', metadata)
  }
})

test('REST takes them too, in a change as well', async () => {
  await using cluster = await startCluster({ scheduler: false, notifier: false, dispatchers: 0 })
  const rest = over(cluster).rest
  for (const [at, { tags, ofJob }] of cases.entries()) {
    const job = `escaped-${at}`
    const body = { name: job, slug: job, endpoint_url: 'https://example.com/hook' }
    await rest('POST', '/v1/jobs', { ...body, tags, default_run_metadata: ofJob })
    for (const [door, shown] of await jobOverEveryDoor(cluster, job)) {
      expect(shown, `${door} ${job}`).toEqual({ tags, metadata: ofJob })
    }
    await rest('PATCH', `/v1/jobs/${job}`, { tags: ofJob, default_run_metadata: tags })
    for (const [door, shown] of await jobOverEveryDoor(cluster, job)) {
      expect(shown, `${door} ${job}`).toEqual({ tags: ofJob, metadata: tags })
    }
  }
})

async function jobOverEveryDoor(cluster: Cluster, job: string) {
  const { catalog, apiKey } = cluster
  using grpc = new GrpcJsClient(Number(new URL(catalog.url).port), apiKey)
  const grpcWeb = createClient(JobService, createGrpcWebTransport({ baseUrl: catalog.url }))
  const headers = { authorization: `Bearer ${apiKey}` }
  const messages = {
    Connect: (await cluster.jobs.getJob({ job })).job,
    gRPC: (await grpc.unary(JobService.method.getJob, { job })).job,
    'gRPC-Web': (await grpcWeb.getJob({ job }, { headers })).job,
    'Connect with JSON': ((await over(cluster).json('JobService/GetJob', { job })) as { job: JsonJob }).job,
  }
  const rest = (await over(cluster).rest('GET', `/v1/jobs/${job}`)) as {
    tags: Words
    default_run_metadata: Words
  }
  return [
    ...Object.entries(messages).map(
      ([door, shown]) => [door, { tags: shown?.tags, metadata: shown?.defaultRunMetadata }] as const,
    ),
    ['REST', { tags: rest.tags, metadata: rest.default_run_metadata }] as const,
  ]
}

type JsonJob = { readonly tags: Words; readonly defaultRunMetadata: Words }

async function runOverEveryDoor(cluster: Cluster, run: string) {
  const { apiKey, dispatchers } = cluster
  const baseUrl = dispatchers[0]?.url ?? ''
  using grpc = new GrpcJsClient(Number(new URL(baseUrl).port), apiKey)
  const grpcWeb = createClient(RunService, createGrpcWebTransport({ baseUrl }))
  const headers = { authorization: `Bearer ${apiKey}` }
  const json = (await over(cluster).json('RunService/GetRun', { run })) as { run: { metadata: Words } }
  const rest = (await over(cluster).rest('GET', `/v1/runs/${run}`)) as { metadata: Words }
  return Object.entries({
    Connect: (await cluster.runs().getRun({ run })).run?.metadata,
    gRPC: (await grpc.unary(RunService.method.getRun, { run })).run?.metadata,
    'gRPC-Web': (await grpcWeb.getRun({ run }, { headers })).run?.metadata,
    'Connect with JSON': json.run.metadata,
    REST: rest.metadata,
  })
}

/** The two doors that speak JSON, read with the keys that came. */
function over({ catalog, dispatchers, apiKey }: Cluster) {
  const ask = async (verb: string, url: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(url, {
      method: verb,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    expect(answer.ok, text).toBe(true)
    return parseJson(text)
  }
  const originOf = (isRun: boolean) => (isRun ? dispatchers[0]?.url : catalog.url)
  return {
    json(method: string, body: unknown) {
      const isRun = method.startsWith('Run')
      const folder = isRun ? 'dispatcher' : 'catalog'
      return ask('POST', `${originOf(isRun)}/strait.${folder}.v1.${method}`, body)
    },
    rest: (verb: string, path: string, body?: unknown) =>
      ask(verb, `${originOf(path.startsWith('/v1/runs'))}${path}`, body),
  }
}
