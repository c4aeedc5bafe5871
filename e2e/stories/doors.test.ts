// The same requests through all five doors of real services, at their own ports and through the gateway: the same answers, the
// same refusals for the same reasons. What REST answers is held to the OpenAPI document besides.

import { createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { Health } from '@strait/contracts/grpc/health/v1/health_pb'
import { ServerReflection } from '@strait/contracts/grpc/reflection/v1/reflection_pb'
import { ownerOf, publicServices } from '@strait/contracts/public-services'
import { createOpenApiChecker } from '@strait/testkit/openapi-checker'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Known, Own } from '../door-row.ts'
import { doorTable, triggering } from '../door-table.ts'
import { type Ask, type Door, fiveDoors } from '../doors.ts'
import { type Fronted, startFronted } from '../fronted.ts'
import { readPublicMethods } from '../public-methods.ts'

let all: Fronted
let endpoint: Receiver
let known: Known
const owns = new Map<string, Own>()

/** What is read of whatever was made. */
interface Made {
  readonly id: string
  readonly token: string
  readonly version_id: string
}

beforeAll(async () => {
  all = await startFronted()
  endpoint = await createReceiver()
  const { cluster, baseUrl } = all
  const newJob = { name: 'Doors', endpoint_url: endpoint.url }
  const call = async <T>(verb: string, path: string, bearer: string, body?: object): Promise<T> => {
    const answer = await fetch(baseUrl + path, {
      method: verb,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    return (await answer.json()) as T
  }
  const { apiKey: key } = cluster
  const [other, deploymentKey] = await Promise.all([
    cluster.bootstrap('other'),
    cluster.bootstrapDeployment(),
  ])
  await call('POST', '/v1/jobs', key, newJob)
  await call('POST', '/v1/jobs', key, { ...newJob, slug: 'batch-create' })
  const foreignJob = await call<Made>('POST', '/v1/jobs', other.apiKey, newJob)
  const run = await call<Made>('POST', '/v1/jobs/doors/trigger', key, {})
  const foreignRun = await call<Made>('POST', `/v1/jobs/${foreignJob.id}/trigger`, other.apiKey, {})
  const made = await call<{ readonly results: readonly { readonly job: Made }[] }>(
    'POST',
    '/v1/jobs/batch-create',
    key,
    { jobs: ways.map(([, , slug]) => ({ ...newJob, slug, tags: { door: slug } })) },
  )
  const weakKeyOf = (name: string) => call<Made>('POST', '/v1/api-keys', key, { name, scopes: ['jobs:read'] })
  const weak = await weakKeyOf('weak')
  for (const [nth, [, , slug]] of ways.entries()) {
    const { id: keyId } = await weakKeyOf(slug)
    owns.set(slug, { slug, keyId, versionId: made.results[nth]?.job.version_id ?? '' })
  }
  const keys = await call<{ readonly next_page_token: string }>('GET', '/v1/api-keys?page_size=1', key)
  const done = await call<{ readonly audit_events: readonly Made[] }>(
    'GET',
    '/v1/audit-events?action=job.created',
    key,
  )
  known = {
    key,
    weakKey: weak.token,
    weakKeyId: weak.id,
    deploymentKey,
    run: run.id,
    foreignRun: foreignRun.id,
    foreignProject: other.projectId,
    auditEvent: done.audit_events[0]?.id ?? '',
    keysPage: keys.next_page_token,
  }
})
afterAll(async () => {
  await endpoint.close()
  await all[Symbol.asyncDispose]()
})

const checkRest = createOpenApiChecker()
const doors = fiveDoors(({ rest }, { status, headers, body }) => {
  const path = rest.path.split('?', 1)[0] ?? ''
  const contentType = headers.get('content-type')
  expect(checkRest({ method: rest.verb, path, status, contentType, body, headers })).toEqual([])
  const { etag, version_id = '' } = body as { readonly etag?: string; readonly version_id?: string }
  const tag = etag ?? version_id
  if (status < 300 && tag !== '') expect(headers.get('etag')).toBe(`"${tag}"`)
})

/** Where a method is asked for. */
const origins = {
  'its own port': ({ method }: Ask) =>
    method.parent === RunService ? (all.cluster.dispatchers[0]?.url ?? '') : all.cluster.catalog.url,
  'the gateway': () => all.baseUrl,
}

const ways = Object.entries(origins).flatMap(([where, originOf]) =>
  doors.map((door) => {
    const slug = `${door.name} at ${where}`.toLowerCase().replaceAll(/[ .]/g, '-')
    return [door.name, where, slug, door, originOf] as const
  }),
)

test('the table is no shorter than it was, and there are five doors', () => {
  expect(doorTable.length).toBeGreaterThanOrEqual(110)
  expect(doors).toHaveLength(5)
})

test('every method with one answer is in the table, and is answered', async () => {
  const wanted = (await readPublicMethods()).filter(({ method }) => method.methodKind === 'unary')
  const own = { slug: '', versionId: '', keyId: '' }
  const answered = doorTable.filter(({ refused }) => refused === undefined)
  const asked = new Set(answered.map(({ ask }) => ask(own, known).method))
  expect(wanted.filter(({ method }) => !asked.has(method)).map(({ method }) => method.name)).toEqual([])
})

/** What a port serves, by its own word. */
const ports = [
  ['the catalog', () => all.cluster.catalog.url, publicServices.filter((one) => ownerOf(one) === 'catalog')],
  [
    'a dispatcher',
    () => all.cluster.dispatchers[0]?.url ?? '',
    publicServices.filter((one) => ownerOf(one) === 'dispatcher'),
  ],
  ['the gateway', () => all.baseUrl, publicServices],
] as const

test.each(ports)('%s tells every client that its services are well', async (_, originOf, services) => {
  const message = {}
  const rest = { verb: 'GET', path: '/' }
  for (const door of doors.filter(({ name }) => name !== 'REST by fetch')) {
    const outcome = await door.ask(originOf(), { method: Health.method.list, message, rest, key: null })
    const serving = services.map(({ typeName }) => [typeName, { status: 'SERVING' }])
    expect(outcome).toMatchObject({ ok: true, answer: { statuses: Object.fromEntries(serving) } })
  }
})

test.each(ports)(
  '%s tells of the schema of its public services, and of no others',
  async (_, originOf, services) => {
    const reflection = createClient(ServerReflection, createGrpcTransport({ baseUrl: originOf() }))
    async function* questions() {
      yield { messageRequest: { case: 'listServices' as const, value: '' } }
      for (const { typeName } of services)
        yield { messageRequest: { case: 'fileContainingSymbol' as const, value: typeName } }
    }
    const names: string[] = []
    let files = 0
    for await (const { messageResponse } of reflection.serverReflectionInfo(questions())) {
      if (messageResponse.case === 'fileDescriptorResponse') files++
      if (messageResponse.case === 'listServicesResponse')
        names.push(...messageResponse.value.service.map(({ name }) => name))
    }
    expect(names.toSorted()).toEqual(
      [...services, Health, ServerReflection].map(({ typeName }) => typeName).toSorted(),
    )
    expect(files).toBe(services.length)
  },
)

describe.each(ways)('%s at %s', (name, _where, slug, door: Door, originOf) => {
  test.each(doorTable.map((row) => [row.what, row] as const))('%s', async (_, row) => {
    const { refused, status: answeredWith = 200, shows, hides } = row
    const own = owns.get(slug)
    if (own === undefined) throw new Error(`nothing was made for ${slug}`)
    const isRest = name === 'REST by fetch'
    const asked: Ask = { key: known.key, ...row.ask(own, known) }
    const outcome = await door.ask(originOf(asked), asked)
    if (refused === undefined) {
      const [rpc, rest] = shows?.(own) ?? [{}, {}]
      const wanted = isRest ? { status: answeredWith, answer: rest } : { answer: rpc }
      expect(outcome).toMatchObject({ ok: true, ...wanted })
      if (hides !== undefined) expect(JSON.stringify(outcome)).not.toContain(hides)
      return
    }
    const [code, status, reason, ...fields] = refused
    const said = isRest ? { status } : { code }
    // A field that nobody knows has a name in JSON and a number in binary.
    const told = reason === 'FIELD_UNKNOWN' ? {} : { fields }
    expect(outcome).toMatchObject({ ok: false, reason, ...said, ...told })
  })

  test('a payload arrives at the endpoint byte for byte', async () => {
    const payload = '{ "z":9007199254740993, "a":"\\u00e9é\\/" ,"b":[1E400, -0.10] }'
    const asked: Ask = { key: known.key, ...triggering('doors', { payload }, `{"payload": ${payload} }`) }
    const outcome = await door.ask(originOf(asked), asked)
    if (!outcome.ok) throw new Error(outcome.reason)
    const run = (outcome.answer.run ?? outcome.answer) as { id: string }
    const call = await endpoint.waitFor((request) => request.headers['x-strait-run-id'] === run.id)
    expect(call.body.toString()).toBe(payload)
  })
})
