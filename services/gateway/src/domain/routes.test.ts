import type { DescMethod } from '@bufbuild/protobuf'
import { publicServices } from '@strait/contracts/public-services'
import { expect, test } from 'vitest'
import { createRouter } from './routes.ts'

const owners = ['catalog', 'dispatcher']
const route = createRouter({ services: publicServices, owners })

test('a method goes to the service that its package names, whatever the verb', () => {
  const catalog = { to: 'upstream', owner: 'catalog', streams: false }
  const dispatcher = { to: 'upstream', owner: 'dispatcher', streams: false }
  for (const verb of ['POST', 'GET', 'OPTIONS'])
    expect(route(verb, '/strait.catalog.v1.JobService/GetJob')).toEqual(catalog)
  expect(route('POST', '/strait.dispatcher.v1.RunService/TriggerJob?x=/')).toEqual(dispatcher)
  expect(route('GET', '/v1/jobs/daily?a=%zz')).toEqual(catalog)
  expect(route('POST', '/v1/jobs/daily/trigger')).toEqual(dispatcher)
  expect(route('OPTIONS', '/v1/jobs/daily/trigger')).toEqual(dispatcher)
})

test('a stream is told from a question with one answer', () => {
  expect(route('POST', '/strait.dispatcher.v1.RunService/WatchRun')).toMatchObject({ streams: true })
  expect(route('GET', '/v1/runs/r1/events')).toMatchObject({ streams: true })
  expect(route('OPTIONS', '/v1/runs/r1/events')).toMatchObject({ streams: false })
})

const inside = 'strait.catalog.v1.CatalogInternalService/VerifyKeys'

test.for([
  ...[
    `/${inside}`,
    `/${inside}?x=1`,
    `//${inside}`,
    `/./${inside}`,
    `/v1/../${inside}`,
    `/v1/%2e%2e/${inside}`,
  ],
  ...[
    '/%73trait.catalog.v1.CatalogInternalService/VerifyKeys',
    `/v1/jobs/..%2f..%2f${inside}`,
    inside,
    `\\${inside}`,
  ],
  ...[`http://other/${inside}`, 'http://other/v1/jobs/a', '//other/v1/jobs/a', `/v1/jobs/a;/../${inside}`],
  ...[`/strait.catalog.v1.JobService/../${inside}`, `/strait.catalog.v1.JobService/GetJob/../../${inside}`],
  ...[
    '/strait.catalog.v1.JobService/GetJob/',
    '/strait.catalog.v1.JobService/GetJob#',
    '/strait.catalog.v1.JobService/getJob',
  ],
  ...[
    '/strait.catalog.v1.JobService',
    '/strait.catalog.v1.JobService/%47etJob',
    '/strait.catalog.v1.JobService/GetJob;x',
  ],
  ...[
    '/v1/jobs/a#/trigger',
    '/v1/jobs/a?b#c',
    '/v1/jobs/a?b c',
    '/v1/jobs/ü',
    '/v1/jobs/a?ü',
    '/v1/jobs/a?\u0000',
  ],
  ...['', '*', '/', '/v1', '/v1/', '/openapi.json/', '/grpc', '/healthz', '/metrics', '/openapi.json'],
])('%j goes to no service', (target) => {
  for (const verb of ['GET', 'POST', 'OPTIONS']) expect(route(verb, target)).toEqual({ to: 'here' })
})

/** The same method, of whose callers nothing is said. */
function unmarked(method: DescMethod): DescMethod {
  return { ...method, proto: { ...method.proto, options: undefined } }
}

test('a service that is not for API keys, or has no address, cannot be routed to', () => {
  const services = publicServices.map((service) => ({ ...service, methods: service.methods.map(unmarked) }))
  expect(() => createRouter({ services, owners })).toThrow(
    '/strait.catalog.v1.JobService/CreateJob is not for callers with an API key',
  )
  expect(() => createRouter({ services: publicServices, owners: ['catalog'] })).toThrow(
    'nothing says where strait.dispatcher.v1.RunService is',
  )
})
