// The same requests through all five doors of real services, at their own ports and through the gateway: the same answers, the
// same refusals for the same reasons. What REST answers is held to the OpenAPI document besides.

import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { createOpenApiChecker } from '@strait/testkit/openapi-checker'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { doorTable, type Known, triggering } from '../door-table.ts'
import { type Ask, type Door, fiveDoors } from '../doors.ts'
import { type Fronted, startFronted } from '../fronted.ts'

let all: Fronted
let endpoint: Receiver
let known: Known

beforeAll(async () => {
  all = await startFronted()
  endpoint = await createReceiver()
  const { cluster, baseUrl } = all
  await cluster.jobs.createJob({ job: { name: 'Doors', slug: 'doors', endpointUrl: endpoint.url } })
  const post = (path: string, bearer: string, body: object): Promise<{ id: string; token: string }> =>
    fetch(baseUrl + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).then((answer) => answer.json() as Promise<{ id: string; token: string }>)
  const weak = await post('/v1/api-keys', cluster.apiKey, { name: 'weak', scopes: ['jobs:read'] })
  const other = await cluster.bootstrap('other')
  const job = await post('/v1/jobs', other.apiKey, { name: 'Doors', endpoint_url: endpoint.url })
  const run = await post(`/v1/jobs/${job.id}/trigger`, other.apiKey, {})
  known = { key: cluster.apiKey, weakKey: weak.token, weakKeyId: weak.id, foreignRun: run.id }
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
})

/** Where a method is asked for. */
const origins = {
  'its own port': ({ method }: Ask) =>
    method.parent === RunService ? (all.cluster.dispatchers[0]?.url ?? '') : all.cluster.catalog.url,
  'the gateway': () => all.baseUrl,
}

test('the table is no shorter than it was, and there are five doors', () => {
  expect(doorTable.length).toBeGreaterThanOrEqual(39)
  expect(doors).toHaveLength(5)
})

const ways = Object.entries(origins).flatMap(([where, originOf]) =>
  doors.map((door) => [door.name, where, door, originOf] as const),
)

describe.each(ways)('%s at %s', (name, where, door: Door, originOf) => {
  test.each(doorTable.map((row) => [row.what, row] as const))('%s', async (_, { ask, refused }) => {
    const asked: Ask = { key: known.key, ...ask(`${name} at ${where}`, known) }
    const outcome = await door.ask(originOf(asked), asked)
    if (refused === undefined) {
      expect(outcome).toMatchObject({ ok: true })
      return
    }
    const [code, status, reason, ...fields] = refused
    const said = name === 'REST by fetch' ? { status } : { code }
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
