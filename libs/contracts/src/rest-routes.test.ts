import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { expect, test } from 'vitest'
import { publicServices } from './public-services.ts'
import { matchRoute, type RestRoute, restRoutes, restTable } from './rest-routes.ts'
import { readTemplate } from './rest-template.ts'

const table = restTable(restRoutes(publicServices))

/** What is found, in few words. */
function find(verb: string, target: string, within = table) {
  const match = matchRoute(within, verb, target)
  if (match.kind !== 'found') return match.kind
  return `${match.route.method.name} ${[...match.vars].map(([field, value]) => `${field}=${value}`).join()}`
}

/** A route of the same method at another place. */
function routeAt(template: string, verb = 'GET'): RestRoute {
  const segments = template
    .slice(1)
    .split('/')
    .map((part): RestRoute['segments'][number] =>
      part.startsWith('{') ? { kind: 'variable', field: part.slice(1, -1) } : { kind: 'literal', text: part },
    )
  return { verb, template, segments, method: RunService.method.getRun, body: '', responseBody: '' }
}

test('a path and a verb lead to the method that is annotated with them', () => {
  expect(find('POST', '/v1/jobs/daily/trigger')).toBe('TriggerJob job=daily')
  expect(find('GET', '/v1/jobs/daily?x=/v1/runs/1')).toBe('GetJob job=daily')
  expect(find('GET', '/v1/runs/r1/attempts?')).toBe('ListAttempts run=r1')
  expect(find('PATCH', '/v1/api-keys/k1')).toBe('UpdateApiKey key=k1')
  const match = matchRoute(table, 'POST', '/v1/jobs/a/trigger')
  expect(match).toMatchObject({
    route: { body: '*', responseBody: 'run', template: '/v1/jobs/{job}/trigger' },
  })
})

test('a variable is decoded once, a literal not at all', () => {
  expect(find('GET', '/v1/jobs/%74rigger%2541')).toBe('GetJob job=trigger%41')
  for (const path of ['/%76%31/jobs/a', '/v1/job%73/a', '/v1/JOBS/a'])
    expect(find('GET', path)).toBe('no_path')
})

test('a verb that a path does not have is told from a path that is not there', () => {
  expect(matchRoute(table, 'DELETE', '/v1/api-keys/k1')).toMatchObject({
    kind: 'no_verb',
    allow: ['GET', 'PATCH'],
  })
  expect(find('get', '/v1/jobs/a')).toBe('no_verb')
  for (const path of [
    '/v1/nothing',
    '/v1/jobs/a/b/c',
    '/v1',
    '/',
    '',
    '/v2/jobs/a',
    '*',
    'http://a/v1/jobs/a',
  ])
    expect(find('GET', path)).toBe('no_path')
})

test('what is no path leads nowhere', () => {
  for (const path of [
    '/v1/',
    '/v1//jobs/a',
    '/v1/jobs/a/',
    '/v1/x/../jobs/a',
    '/v1/jobs/%2e%2e',
    '/v1/jobs/a%2Fb',
  ])
    expect(find('GET', path)).toBe('malformed')
  expect(find('GET', `/v1/jobs${'/a'.repeat(8_000)}`)).toBe('no_path')
})

test('a literal goes before a variable, and a literal that leads nowhere does not hide it', () => {
  const both = restTable([
    routeAt('/v1/jobs/{run}'),
    routeAt('/v1/jobs/search'),
    routeAt('/v1/jobs/{run}/end'),
  ])
  expect(find('GET', '/v1/jobs/search', both)).toBe('GetRun ')
  expect(find('GET', '/v1/jobs/other', both)).toBe('GetRun run=other')
  expect(find('GET', '/v1/jobs/search/end', both)).toBe('GetRun run=search')
})

test('a slug that is spelled like the verb of a list can be asked for all the same', () => {
  expect(find('POST', '/v1/jobs/batch-create')).toBe('BatchCreateJobs ')
  expect(find('GET', '/v1/jobs/batch-create')).toBe('GetJob job=batch-create')
  expect(find('DELETE', '/v1/jobs/batch-update')).toBe('DeleteJob job=batch-update')
  expect(matchRoute(table, 'PUT', '/v1/jobs/batch-create')).toMatchObject({
    kind: 'no_verb',
    allow: ['DELETE', 'GET', 'PATCH', 'POST'],
  })
})

test('two methods at one place are a fault, two verbs are not', () => {
  const same = [routeAt('/v1/jobs/{run}'), routeAt('/v1/jobs/{other}')]
  expect(() => restTable(same)).toThrow('GET /v1/jobs/{other} is /v1/jobs/{run} of GetRun too')
  expect(() => restTable([routeAt('/v1/jobs/{run}'), routeAt('/v1/jobs/{run}', 'POST')])).not.toThrow()
})

test('a template that cannot be served is a fault', () => {
  const read = (template: string) => () => readTemplate(RunService.method.getRun, template)
  expect(read('/v2/runs/{run}')).toThrow('does not begin with /v1/')
  expect(read('/v1/runs/{job}')).toThrow('has no field for {job}')
  expect(read('/v1/{run}/{run}')).toThrow('has a variable twice')
  for (const odd of ['/v1/{run=**}', '/v1/runs/', '/v1/runs/{run}:stop', '/v1/*'])
    expect(read(odd)).toThrow(Error)
})
