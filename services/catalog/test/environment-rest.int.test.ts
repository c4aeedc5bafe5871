// The paths of environments, once each.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EnvironmentBundle, openEnvironments } from './environment-bundle.ts'

let app: EnvironmentBundle
beforeAll(async () => {
  app = await openEnvironments()
})
afterAll(() => app[Symbol.asyncDispose]())

async function rest(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.baseUrl}/v1/environments${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${app.store.apiKey}`, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, location: response.headers.get('location'), body: JSON.parse(text) }
}

test('an environment is made, read, changed, given variables and deleted over REST', async () => {
  const created = await rest('POST', '', {
    name: 'Over REST',
    variables: { A: 'x' },
    job_overrides: { 'a-job': { variables: { B: 'y' } } },
  })
  const { id } = created.body
  expect(created).toMatchObject({
    status: 201,
    location: `/v1/environments/${id}`,
    body: {
      slug: 'over-rest',
      variable_names: ['A'],
      job_override_names: { 'a-job': { names: ['B'] } },
      revision: 1,
      etag: 'rev_1',
    },
  })
  expect(created.body).not.toHaveProperty('variables')
  expect(await rest('GET', '/over-rest')).toMatchObject({ status: 200, body: created.body })
  const list = await rest('GET', '?page_size=1')
  expect(list).toMatchObject({ status: 200, body: { environments: [created.body] } })
  expect(list.body.next_page_token).not.toBe('')

  const patched = await rest(
    'PATCH',
    '/over-rest',
    { description: 'd', variables: null },
    { 'if-match': 'rev_1' },
  )
  expect(patched).toMatchObject({
    status: 200,
    body: { description: 'd', variable_names: [], etag: 'rev_2' },
  })
  const stale = await rest('PATCH', `/${id}`, { description: 'e' }, { 'if-match': 'rev_1' })
  expect(stale).toMatchObject({ status: 412, body: { reason: 'ETAG_MISMATCH' } })
  const set = { set: { C: 'z' }, remove: ['B'], job: 'a-job' }
  expect(await rest('POST', '/over-rest/set-variables', set)).toMatchObject({
    status: 200,
    body: { job_override_names: { 'a-job': { names: ['C'] } } },
  })
  expect(await rest('GET', '/over-rest/variables?job=a-job')).toEqual({
    status: 200,
    location: null,
    body: { variables: [{ name: 'C', environment_id: id, job_override: true }] },
  })
  const child = await rest('POST', '', { name: 'Child', parent_id: id })
  expect(await rest('DELETE', '/over-rest')).toMatchObject({
    status: 409,
    body: { reason: 'ENVIRONMENT_IN_USE', metadata: { jobs: '0', environments: '1' } },
  })
  expect(await rest('DELETE', `/${child.body.id}?validate_only=true`)).toMatchObject({ status: 200 })
  expect(await rest('DELETE', `/${child.body.id}`, undefined, { 'if-match': 'rev_1' })).toMatchObject({
    status: 200,
  })
  expect(await rest('DELETE', '/over-rest')).toMatchObject({ status: 200, body: { id } })
  expect(await rest('GET', '/over-rest')).toMatchObject({
    status: 404,
    body: { reason: 'ENVIRONMENT_NOT_FOUND' },
  })
})
