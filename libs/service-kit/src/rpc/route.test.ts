import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { Health } from '@strait/contracts/grpc/health/v1/health_pb'
import { expect, test } from 'vitest'
import { methodTable } from './method-table.ts'
import { findRoute } from './route.ts'
import { type RpcService, rpcService } from './rpc-service.ts'

const run = async () => ({})
const runs: RpcService = rpcService(RunService, {
  triggerJob: run,
  getRun: run,
  listAttempts: run,
  async *watchRun() {
    // Nothing to watch.
  },
})
const table = methodTable([runs])
const getRun = '/strait.dispatcher.v1.RunService/GetRun'
const watchRun = '/strait.dispatcher.v1.RunService/WatchRun'
const find = (url: string, contentType?: string, verb = 'POST') =>
  findRoute(table, { url, verb, contentType })

test.each([
  [getRun, 'application/json', true, false],
  [getRun, 'Application/JSON; charset=utf-8', true, false],
  [`${getRun}?trace=1`, 'application/proto', false, false],
  [watchRun, 'application/connect+json', true, true],
  [watchRun, 'application/connect+proto', false, true],
  [getRun, 'application/grpc', false, true],
  [watchRun, 'application/grpc+json', true, true],
  [getRun, 'application/grpc-web+proto', false, true],
])('%s as %s finds its method (JSON %j, in envelopes %j)', (url, contentType, json, framed) => {
  expect(find(url, contentType)).toMatchObject({
    ok: true,
    entry: { path: url.split('?')[0], access: { who: 'scope', scope: 'runs:read' } },
    protocol: { json, framed },
  })
})

test.each([
  ['/', 'application/json', 'POST', 404],
  ['/strait.dispatcher.v1.RunService/Getrun', 'application/grpc', 'POST', 404],
  ['*', undefined, 'OPTIONS', 404],
  [getRun, 'application/json', 'GET', 405],
  [getRun, undefined, 'PUT', 405],
  [getRun, undefined, 'POST', 415],
  [getRun, 'text/plain', 'POST', 415],
  [getRun, 'application/connect+json', 'POST', 415],
  [watchRun, 'application/json', 'POST', 415],
  [getRun, 'application/grpc-web-text', 'POST', 415],
])('%s as %s with %s is answered %i', (url, contentType, verb, status) => {
  expect(find(url, contentType, verb)).toMatchObject({ ok: false, status })
})

test('a refusal says what would do, in the protocol of the caller', () => {
  expect(find(getRun, 'application/grpc', 'GET')).toMatchObject({ headers: { allow: 'POST' } })
  expect(find('/', 'application/grpc')).toMatchObject({ protocol: { framed: true } })
  expect(find('/', 'text/html')).toMatchObject({ protocol: { framed: false, json: true } })
  expect(find(watchRun, 'application/json')).toMatchObject({
    headers: { 'accept-post': expect.stringContaining('application/connect+json, ') },
  })
})

test('a service with a method of which nothing says who may call it does not start', () => {
  const silent = rpcService(Health, {
    check: run,
    list: run,
    async *watch() {
      // Nothing to watch.
    },
  })
  expect(() => methodTable([silent])).toThrow('/grpc.health.v1.Health/Check does not say who may call it')
})

test('a service that misses a method, or is there twice, does not start', () => {
  expect(() => methodTable([{ ...runs, methods: { getRun: run } }])).toThrow(
    '/strait.dispatcher.v1.RunService/TriggerJob has no implementation',
  )
  expect(() => methodTable([runs, runs])).toThrow(
    '/strait.dispatcher.v1.RunService/TriggerJob is there twice',
  )
  expect(() => methodTable([{ ...runs, service: CatalogInternalService, methods: {} }])).toThrow(
    'VerifyKeys has no implementation',
  )
})
