// Making, looking at and listing API keys.

import { create } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { ApiKeySchema } from '@strait/contracts/catalog/v1/api_key_pb'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { type AppBundle, openApp } from './app-bundle.ts'
import { inMs, iso, makeKey, tryKey } from './key-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

async function aNeighbour(projectSlug: string) {
  const { database, masterKey } = app.store
  const { apiKey } = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug })
  return app.client(ApiKeyService, apiKey)
}

test('a key is made, answered once with its text, works, and is shown as it is stored', async () => {
  const expiresAt = inMs(60_000)
  const { key, token } = await makeKey(app, {
    name: 'Größe 😀',
    scopes: ['jobs:read', 'runs:read'],
    expiresAt,
  })
  const by = `apikey:${app.store.apiKey.split('_')[1]}`
  expect(key).toMatchObject({
    id: token.split('_')[1],
    projectId: app.store.projectId,
    name: 'Größe 😀',
    scopes: ['jobs:read', 'runs:read'],
    etag: 'rev_1',
    createdBy: by,
    updatedBy: by,
  })
  expect(iso(key.expiresAt)).toBe(iso(expiresAt))
  expect([key.revokedAt, key.previousSecretExpiresAt]).toEqual([undefined, undefined])
  expect(key.updatedAt).toEqual(key.createdAt)
  expect((await app.keys.getApiKey({ key: key.id })).apiKey).toEqual(key)
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
})

test('what only the catalog may say is ignored', async () => {
  const said = { id: 'abcdefghij', projectId: 'p', etag: 'rev_9', createdBy: 'me', updatedBy: 'me' }
  const times = { revokedAt: inMs(0), previousSecretExpiresAt: inMs(60_000), createdAt: inMs(-60_000) }
  const { key } = await makeKey(app, { ...said, ...times })
  const { key: plain } = await makeKey(app)
  const made = { id: key.id, createdAt: key.createdAt, updatedAt: key.updatedAt }
  expect({ ...plain, ...made }).toEqual(key)
  expect(key.id).not.toBe(said.id)
  expect(key.createdAt!.seconds).toBeGreaterThan(times.createdAt.seconds)
})

test('a key may end at the last instant that there is', async () => {
  const last = timestampFromMs(Date.parse('9999-12-31T23:59:59.999Z'))
  const { key } = await makeKey(app, { expiresAt: last })
  expect(key.expiresAt).toEqual(last)
  expect((await app.keys.getApiKey({ key: key.id })).apiKey?.expiresAt).toEqual(last)
})

test.each([
  ['nothing', {}, ['api_key']],
  ['no name', { apiKey: { scopes: ['x'] } }, ['api_key.name', 'api_key.scopes[0]']],
  ['a scope twice', { apiKey: { name: 'x', scopes: ['jobs:read', 'jobs:read'] } }, ['api_key.scopes[1]']],
  ['a past end', { apiKey: { name: 'x', expiresAt: timestampFromMs(0) } }, ['api_key.expires_at']],
  [
    'no instant',
    { apiKey: create(ApiKeySchema, { name: 'x', expiresAt: { seconds: 2n ** 62n, nanos: -1 } }) },
    ['api_key.expires_at'],
  ],
])('a key is not made of %s, and no row is written', async (_, request, fields) => {
  const before = await app.countRows()
  expect(await refusalOf(app.keys.createApiKey(request))).toMatchObject({ reason: 'FIELD_INVALID', fields })
  expect(await app.countRows()).toBe(before)
})

test('nobody gives a scope that the own key lacks', async () => {
  const { keys } = await makeKey(app, { scopes: ['keys:manage', 'jobs:read'] })
  const before = await app.countRows()
  const more = keys.createApiKey({ apiKey: { name: 'x', scopes: ['jobs:read', 'jobs:write', 'admin'] } })
  expect(await refusalOf(more)).toMatchObject({
    code: 'permission_denied',
    reason: 'NOT_ALLOWED',
    fields: ['api_key.scopes[1]', 'api_key.scopes[2]'],
    metadata: { scope: 'jobs:write' },
  })
  expect(await app.countRows()).toBe(before)
  const { token } = await makeKey(app, { scopes: ['jobs:read'] }, keys)
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
})

test('a key without a scope opens nothing', async () => {
  const { token, keys } = await makeKey(app, { scopes: [] })
  expect(await tryKey(app, token)).toBe('NOT_ALLOWED')
  expect(await refusalOf(keys.listApiKeys({}))).toMatchObject({ metadata: { scope: 'keys:manage' } })
})

test("another project's key is not there, for any method, and neither is what is no id", async () => {
  const { key, token } = await makeKey(app)
  const neighbour = await aNeighbour('neighbour')
  const calls = [
    (id: string) => neighbour.getApiKey({ key: id }),
    (id: string) =>
      neighbour.updateApiKey({ key: id, apiKey: { name: 'x' }, updateMask: { paths: ['name'] } }),
    (id: string) => neighbour.rotateApiKey({ key: id }),
    (id: string) => neighbour.revokeApiKey({ key: id }),
  ]
  for (const call of calls) {
    for (const id of [key.id, 'abcdefghijkl', 'No id', 'abcdefghij\0', token])
      expect(await refusalOf(call(id))).toMatchObject({ reason: 'API_KEY_NOT_FOUND', fields: ['key'] })
    expect((await refusalOf(call(key.id))).metadata).toEqual({ key: key.id })
    expect(JSON.stringify(await refusalOf(call(token)))).not.toContain(token)
    expect(await refusalOf(call(''))).toMatchObject({ reason: 'FIELD_INVALID', fields: ['key'] })
  }
  expect((await app.keys.getApiKey({ key: key.id })).apiKey).toEqual(key)
})

test('pages go through all keys of the project, newest first, whatever is made meanwhile', async () => {
  const neighbour = await aNeighbour('listed')
  const made: string[] = []
  for (let nth = 0; nth < 7; nth++) made.unshift((await makeKey(app, { name: `${nth}` }, neighbour)).key.id)
  // Keys of one and the same instant, and two that only microseconds tell apart.
  await sql`update api_keys set created_at = '2026-01-01T00:00:00.000001Z' where id = any(${made.slice(0, 4)})`.execute(
    app.store.db,
  )
  await sql`update api_keys set created_at = '2026-01-01T00:00:00.000002Z' where id = ${made[4]}`.execute(
    app.store.db,
  )
  const { apiKeys: all } = await neighbour.listApiKeys({})
  expect(all).toHaveLength(8)
  for (const pageSize of [1, 2, 3, 7, 8, 250]) {
    const seen: string[] = []
    let pageToken = ''
    do {
      const page = await neighbour.listApiKeys({ pageSize, pageToken })
      expect(page.apiKeys.length).toBeGreaterThan(0)
      expect(page.apiKeys.length).toBeLessThanOrEqual(pageSize)
      seen.push(...page.apiKeys.map(({ id }) => id))
      pageToken = page.nextPageToken
      await makeKey(app, { name: 'made meanwhile' }, neighbour)
    } while (pageToken !== '')
    const known = new Set(all.map(({ id }) => id))
    expect(seen.filter((id) => known.has(id))).toEqual(all.map(({ id }) => id))
    expect(new Set(seen).size).toBe(seen.length)
  }
})

test('a page has 50 keys where nothing else is asked for', async () => {
  const neighbour = await aNeighbour('many')
  await Promise.all(Array.from({ length: 51 }, () => makeKey(app, {}, neighbour)))
  const first = await neighbour.listApiKeys({})
  expect(first.apiKeys).toHaveLength(50)
  const second = await neighbour.listApiKeys({ pageToken: first.nextPageToken, pageSize: 250 })
  expect(second).toMatchObject({ apiKeys: { length: 2 }, nextPageToken: '' })
})

test('a page token that was changed, made up or is of another project is refused, and so is a wrong size', async () => {
  await makeKey(app)
  const { nextPageToken: token } = await app.keys.listApiKeys({ pageSize: 1 })
  const neighbour = await aNeighbour('tokens')
  const other = (await app.keys.listApiKeys({ pageSize: 2 })).nextPageToken
  const spliced = `${token.slice(0, 20)}${other.slice(20)}`
  for (const pageToken of [spliced, `${token}A`, token.slice(1), 'nonsense', '0', '\0'])
    expect(await refusalOf(app.keys.listApiKeys({ pageToken }))).toMatchObject({
      reason: 'FIELD_INVALID',
      fields: ['page_token'],
    })
  expect(await refusalOf(neighbour.listApiKeys({ pageToken: token }))).toMatchObject({
    fields: ['page_token'],
  })
  for (const pageSize of [-1, 251, 2 ** 31 - 1])
    expect(await refusalOf(app.keys.listApiKeys({ pageSize, pageToken: 'x' }))).toMatchObject({
      fields: ['page_token', 'page_size'],
    })
})

test('a page token of one replica is good at another', async () => {
  const second = await openApp({}, app.store)
  onTestFinished(() => second[Symbol.asyncDispose]())
  await makeKey(app)
  const { nextPageToken } = await app.keys.listApiKeys({ pageSize: 1 })
  const next = await second.keys.listApiKeys({ pageSize: 1, pageToken: nextPageToken })
  expect(next).toEqual(await app.keys.listApiKeys({ pageSize: 1, pageToken: nextPageToken }))
})
