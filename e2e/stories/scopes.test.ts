// Every method of every public service is opened by its own scope and by no other, but by admin; and those about projects by a key of
// the deployment, which opens nothing else.

import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { type DescMethod, fromBinary } from '@bufbuild/protobuf'
import { ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'
import { deploymentScope, projectScopes } from '@strait/contracts/scopes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'
import { makeKey } from '../keys.ts'
import { readPublicMethods } from '../public-methods.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster({ scheduler: false, notifier: false })
})
afterAll(() => cluster[Symbol.asyncDispose]())

const publicMethods = await readPublicMethods()
const named = publicMethods.map((each) => [`${each.method.parent.name}.${each.method.name}`, each] as const)

function baseUrlOf({ parent }: DescMethod): string {
  const url = { catalog: cluster.catalog.url, dispatcher: cluster.dispatchers[0]?.url }[
    parent.typeName.split('.')[1] ?? ''
  ]
  if (url === undefined) throw new Error(`say here where ${parent.typeName} is served`)
  return url
}

/** Calls over Connect with JSON; `open` sends the headers and never the body. Answers why it was refused, if it was. */
async function call(method: DescMethod, token: string, body: 'empty' | 'open') {
  const streams = method.methodKind !== 'unary'
  const request = httpRequest(`${baseUrlOf(method)}/${method.parent.typeName}/${method.name}`, {
    method: 'POST',
    headers: {
      'content-type': streams ? 'application/connect+json' : 'application/json',
      authorization: `Bearer ${token}`,
    },
  })
  request.on('error', () => undefined)
  if (body === 'open') request.flushHeaders()
  else request.end(streams ? Buffer.concat([Buffer.of(0, 0, 0, 0, 2), Buffer.from('{}')]) : '{}')
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const bytes = Buffer.concat(await response.toArray())
  request.destroy()
  const text = bytes.subarray(streams ? 5 : 0).toString()
  const answer = JSON.parse(text) as { details?: Details; error?: { details?: Details } }
  const [info] = (streams ? answer.error?.details : answer.details) ?? []
  return info && fromBinary(ErrorInfoSchema, Buffer.from(info.value, 'base64'))
}

type Details = readonly { readonly type: string; readonly value: string }[]

const tokens = new Map<string, Promise<string>>()
function tokenWith(some: readonly string[]): Promise<string> {
  const name = some.join(' ')
  const isOfDeployment = some.includes(deploymentScope)
  const make = () =>
    isOfDeployment
      ? cluster.bootstrapDeployment()
      : makeKey(cluster, { scopes: [...some] }).then(({ token }) => token)
  const made = tokens.get(name) ?? make()
  tokens.set(name, made)
  return made
}

test('there are public methods in more than one service', () => {
  const services = new Set(publicMethods.map(({ method }) => method.parent.name))
  expect([...services]).toEqual(expect.arrayContaining(['ApiKeyService', 'JobService', 'RunService']))
})

test.each(named)(
  '%s: a key with every scope but its own is refused before the body is read',
  async (_, { method, scope }) => {
    const others = projectScopes.filter((one) => one !== scope && one !== 'admin')
    const refused = await call(method, await tokenWith(others), 'open')
    expect(refused).toMatchObject({ reason: 'NOT_ALLOWED', metadata: { scope } })
  },
)

test.each(named)('%s: no scope is no access', async (_, { method, scope }) => {
  const refused = await call(method, await tokenWith([]), 'open')
  expect(refused).toMatchObject({ reason: 'NOT_ALLOWED', metadata: { scope } })
})

/** What alone opens a method. */
function openers(scope: string): readonly string[] {
  if (scope === deploymentScope) return [deploymentScope]
  return scope === 'projects:manage' ? [scope, 'admin', deploymentScope] : [scope, 'admin']
}

test.each(named)('%s: each of what opens it opens it alone', async (_, { method, scope }) => {
  for (const own of openers(scope)) {
    const refused = await call(method, await tokenWith([own]), 'empty')
    // What an empty message gets from the method itself: an answer, or a field that is missing.
    expect([undefined, 'FIELD_INVALID']).toContain(refused?.reason)
  }
})

test.each(named)(
  '%s: admin does not include what is of the deployment, nor a key of the deployment what is of a project',
  async (_, { method, scope }) => {
    for (const other of ['admin', deploymentScope].filter((one) => !openers(scope).includes(one))) {
      const refused = await call(method, await tokenWith([other]), 'open')
      expect(refused).toMatchObject({ reason: 'NOT_ALLOWED', metadata: { scope } })
    }
  },
)
