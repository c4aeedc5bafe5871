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
const triggerJob = '/strait.dispatcher.v1.RunService/TriggerJob'
const watchRun = '/strait.dispatcher.v1.RunService/WatchRun'
const find = (url: string, contentType?: string, verb = 'POST') =>
  findRoute(table, { url, verb, contentType, bodiless: false })

test.each([
  [getRun, 'application/json'],
  [getRun, 'Application/JSON; charset=utf-8'],
  [`${getRun}?trace=1`, 'application/proto'],
  [watchRun, 'application/connect+json'],
  [watchRun, 'application/connect+proto'],
  [getRun, 'application/grpc'],
  [watchRun, 'application/grpc+json'],
  [getRun, 'application/grpc-web+proto'],
])('%s as %s finds its method', (url, contentType) => {
  expect(find(url, contentType)).toMatchObject({
    ok: true,
    entry: { path: url.split('?')[0], access: { who: 'scope', scope: 'runs:read' } },
    protocol: { name: contentType.split(';')[0]?.toLowerCase() },
  })
})

test.each([
  ['GET', '/v1/runs/r', undefined, getRun],
  ['GET', '/v1/runs/r?a=b', 'text/plain', getRun],
  ['GET', '/v1/runs/r/events', undefined, watchRun],
  ['POST', '/v1/jobs/j/trigger', 'application/json; charset=utf-8', triggerJob],
])('%s %s finds the method of its path', (verb, url, contentType, path) => {
  expect(find(url, contentType, verb)).toMatchObject({
    ok: true,
    entry: { path },
    protocol: { name: 'REST' },
  })
})

test.each([
  ['GET', '/v1/', undefined, 404],
  ['GET', '/v1/runs/r/', undefined, 404],
  ['GET', '/v1/runs//events', undefined, 404],
  ['GET', '/v1/runs/%2e%2e', undefined, 404],
  ['GET', '/v1/runs/a%2Fb', undefined, 404],
  ['GET', '/v1/flights/r', undefined, 404],
  // Jobs are another service's.
  ['GET', '/v1/jobs/j', undefined, 404],
  ['DELETE', '/v1/runs/r', undefined, 405],
  ['POST', '/v1/jobs/j/trigger', 'application/x-www-form-urlencoded', 415],
  ['POST', '/v1/jobs/j/trigger', 'application/merge-patch+json', 415],
  ['POST', '/v1/jobs/j/trigger', undefined, 415],
])('%s %s as %s is answered %4$i', (verb, url, contentType, status) => {
  const found = find(url, contentType, verb)
  expect(found).toMatchObject({ ok: false, status, protocol: { name: 'REST' } })
})

test('a path with another verb says which it takes; a body that is not there needs no type', () => {
  expect(find('/v1/runs/r', undefined, 'PUT')).toMatchObject({ headers: { allow: 'GET' } })
  const asked = { url: '/v1/jobs/j/trigger', verb: 'POST', contentType: undefined, bodiless: true }
  expect(findRoute(table, asked)).toMatchObject({ ok: true })
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
  expect(find('/', 'application/grpc')).toMatchObject({ protocol: { name: 'application/grpc' } })
  expect(find('/', 'text/html')).toMatchObject({ protocol: { name: 'REST' } })
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
