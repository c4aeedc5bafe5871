// Changing API keys.

import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { inMs, iso, makeKey, rowOf, tryKey, update } from './key-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('name and end are changed, each alone, and the rest stays', async () => {
  const { key, token } = await makeKey(app)
  const named = (await update(app, key.id, { name: 'new' })).apiKey
  expect(named).toMatchObject({ ...key, name: 'new', etag: 'rev_2', updatedAt: expect.anything() })
  const expiresAt = inMs(3_600_000)
  const ended = (await update(app, key.id, { name: 'not this', expiresAt }, ['expires_at'])).apiKey
  expect(ended).toMatchObject({ name: 'new', etag: 'rev_3' })
  expect(iso(ended?.expiresAt)).toBe(iso(expiresAt))
  const cleared = (await update(app, key.id, {}, ['expires_at'])).apiKey
  expect(cleared).toMatchObject({ name: 'new', etag: 'rev_4' })
  expect(cleared?.expiresAt).toBeUndefined()
  expect((await app.keys.getApiKey({ key: key.id })).apiKey).toEqual(cleared)
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
})

test('who changed it last is told', async () => {
  const manager = await makeKey(app, { scopes: ['keys:manage'] })
  const { key } = await makeKey(app)
  const { apiKey } = await update(app, key.id, { name: 'new' }, undefined, undefined, manager.keys)
  expect(apiKey).toMatchObject({ createdBy: key.createdBy, updatedBy: `apikey:${manager.key.id}` })
})

test('a change that changes no value writes nothing', async () => {
  const made = await makeKey(app, { expiresAt: inMs(60_000) })
  const { key } = made
  const before = await rowOf(app, made)
  for (const paths of [[], ['name'], ['expires_at'], ['name', 'expires_at']])
    expect((await update(app, key.id, key, paths, key.etag)).apiKey).toEqual(key)
  expect(await rowOf(app, made)).toBe(before)
})

test('a past end stops the key at once, and a later one lets it work again', async () => {
  const { key, token } = await makeKey(app)
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
  await update(app, key.id, { expiresAt: timestampFromMs(Date.parse('0001-01-01T00:00:00Z')) })
  expect(await tryKey(app, token)).toBe('KEY_INVALID')
  expect(iso((await app.keys.getApiKey({ key: key.id })).apiKey?.expiresAt)).toBe('0001-01-01T00:00:00.000Z')
  await update(app, key.id, { expiresAt: inMs(60_000) })
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
})

test.each([
  ['no mask', { apiKey: { name: 'x' } }, ['update_mask']],
  ['no key', { updateMask: { paths: ['name'] } }, ['api_key']],
  ['nothing', {}, ['api_key', 'update_mask']],
  ['the name of a client', { apiKey: {}, updateMask: { paths: ['expiresAt'] } }, ['update_mask']],
  ['scopes', { apiKey: { scopes: ['admin'] }, updateMask: { paths: ['scopes'] } }, ['update_mask']],
  ['output', { apiKey: {}, updateMask: { paths: ['id', 'revoked_at'] } }, ['update_mask', 'update_mask']],
  ['an empty name', { apiKey: {}, updateMask: { paths: ['name'] } }, ['api_key.name']],
  ['an empty etag', { apiKey: {}, updateMask: { paths: [] }, etag: '' }, ['etag']],
  [
    'no instant',
    { apiKey: { expiresAt: { seconds: 0n, nanos: -1 } }, updateMask: { paths: ['expires_at'] } },
    ['api_key.expires_at'],
  ],
])('a change is refused that has %s', async (_, request, fields) => {
  const made = await makeKey(app)
  const before = await rowOf(app, made)
  const refused = await refusalOf(app.keys.updateApiKey({ key: made.key.id, ...request }))
  expect(refused).toMatchObject({ reason: 'FIELD_INVALID', fields })
  expect(await rowOf(app, made)).toBe(before)
})

test('over JSON a mask is spelt as JSON spells it', async () => {
  const { key } = await makeKey(app)
  const change = (updateMask: string) =>
    app.post('ApiKeyService/UpdateApiKey', { key: key.id, apiKey: { name: 'json' }, updateMask })
  expect(await change('name,expiresAt')).toMatchObject({ status: 200, body: { apiKey: { name: 'json' } } })
  expect(await change('expires_at')).toMatchObject({ status: 400, body: { code: 'invalid_argument' } })
})

test('an etag that is not the newest is refused, and says so', async () => {
  const { key } = await makeKey(app)
  const { apiKey } = await update(app, key.id, { name: 'second' }, undefined, key.etag)
  for (const etag of [key.etag, 'rev_99', 'nonsense'])
    expect(await refusalOf(update(app, key.id, { name: 'third' }, undefined, etag))).toMatchObject({
      code: 'aborted',
      reason: 'ETAG_MISMATCH',
      fields: ['etag'],
    })
  expect((await app.keys.getApiKey({ key: key.id })).apiKey).toEqual(apiKey)
})

test('of many changes at once none is lost, and with an etag one wins', async () => {
  const { key } = await makeKey(app)
  const expiresAt = inMs(3_600_000)
  await Promise.all([
    ...Array.from({ length: 10 }, (_, nth) => update(app, key.id, { name: `${nth}` })),
    update(app, key.id, { expiresAt }),
    ...Array.from({ length: 4 }, () => app.keys.rotateApiKey({ key: key.id })),
  ])
  const { apiKey } = await app.keys.getApiKey({ key: key.id })
  expect(apiKey).toMatchObject({ etag: 'rev_16' })
  expect(iso(apiKey?.expiresAt)).toBe(iso(expiresAt))
  const won = await Promise.allSettled(
    Array.from({ length: 10 }, (_, nth) => update(app, key.id, { name: `won ${nth}` }, undefined, 'rev_16')),
  )
  expect(won.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})
