// Changing, rotating and revoking API keys.

import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import type { ApiKeySchema } from '@strait/contracts/catalog/v1/api_key_pb'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { inMs, iso, type MadeKey, makeKey, tryKey } from './key-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

type Fields = MessageInitShape<typeof ApiKeySchema>

function update(
  key: string,
  apiKey: Fields,
  paths = Object.keys(apiKey).map(snake),
  etag?: string,
  by = app.keys,
) {
  return by.updateApiKey({ key, apiKey, updateMask: { paths }, etag })
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

async function rowOf({ key }: MadeKey) {
  const { rows } = await sql<{ row: string }>`
    select t::text || xmin as row from api_keys t where id = ${key.id}
  `.execute(app.store.db)
  return rows[0]?.row
}

test('name and end are changed, each alone, and the rest stays', async () => {
  const { key, token } = await makeKey(app)
  const named = (await update(key.id, { name: 'new' })).apiKey
  expect(named).toMatchObject({ ...key, name: 'new', etag: 'rev_2', updatedAt: expect.anything() })
  const expiresAt = inMs(3_600_000)
  const ended = (await update(key.id, { name: 'not this', expiresAt }, ['expires_at'])).apiKey
  expect(ended).toMatchObject({ name: 'new', etag: 'rev_3' })
  expect(iso(ended?.expiresAt)).toBe(iso(expiresAt))
  const cleared = (await update(key.id, {}, ['expires_at'])).apiKey
  expect(cleared).toMatchObject({ name: 'new', etag: 'rev_4' })
  expect(cleared?.expiresAt).toBeUndefined()
  expect((await app.keys.getApiKey({ key: key.id })).apiKey).toEqual(cleared)
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
})

test('who changed it last is told', async () => {
  const manager = await makeKey(app, { scopes: ['keys:manage'] })
  const { key } = await makeKey(app)
  const { apiKey } = await update(key.id, { name: 'new' }, undefined, undefined, manager.keys)
  expect(apiKey).toMatchObject({ createdBy: key.createdBy, updatedBy: `apikey:${manager.key.id}` })
})

test('a change that changes no value writes nothing', async () => {
  const made = await makeKey(app, { expiresAt: inMs(60_000) })
  const { key } = made
  const before = await rowOf(made)
  for (const paths of [[], ['name'], ['expires_at'], ['name', 'expires_at']])
    expect((await update(key.id, key, paths, key.etag)).apiKey).toEqual(key)
  expect(await rowOf(made)).toBe(before)
})

test('a past end stops the key at once, and a later one lets it work again', async () => {
  const { key, token } = await makeKey(app)
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
  await update(key.id, { expiresAt: timestampFromMs(Date.parse('0001-01-01T00:00:00Z')) })
  expect(await tryKey(app, token)).toBe('KEY_INVALID')
  expect(iso((await app.keys.getApiKey({ key: key.id })).apiKey?.expiresAt)).toBe('0001-01-01T00:00:00.000Z')
  await update(key.id, { expiresAt: inMs(60_000) })
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
  const before = await rowOf(made)
  const refused = await refusalOf(app.keys.updateApiKey({ key: made.key.id, ...request }))
  expect(refused).toMatchObject({ reason: 'FIELD_INVALID', fields })
  expect(await rowOf(made)).toBe(before)
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
  const { apiKey } = await update(key.id, { name: 'second' }, undefined, key.etag)
  for (const etag of [key.etag, 'rev_99', 'nonsense'])
    expect(await refusalOf(update(key.id, { name: 'third' }, undefined, etag))).toMatchObject({
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
    ...Array.from({ length: 10 }, (_, nth) => update(key.id, { name: `${nth}` })),
    update(key.id, { expiresAt }),
    ...Array.from({ length: 4 }, () => app.keys.rotateApiKey({ key: key.id })),
  ])
  const { apiKey } = await app.keys.getApiKey({ key: key.id })
  expect(apiKey).toMatchObject({ etag: 'rev_16' })
  expect(iso(apiKey?.expiresAt)).toBe(iso(expiresAt))
  const won = await Promise.allSettled(
    Array.from({ length: 10 }, (_, nth) => update(key.id, { name: `won ${nth}` }, undefined, 'rev_16')),
  )
  expect(won.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a rotated key has a new text; the one before works for its grace and then only the new one', async () => {
  const { key, token } = await makeKey(app)
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
  const rotated = await app.keys.rotateApiKey({ key: key.id, graceSecs: 1 })
  expect(rotated.token).toMatch(new RegExp(`^strait_${key.id}_`))
  expect(rotated.apiKey).toMatchObject({ etag: 'rev_2', previousSecretExpiresAt: expect.anything() })
  expect(await tryKey(app, rotated.token)).toBe('JOB_NOT_FOUND')
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
  await waitFor(async () => (await tryKey(app, token)) === 'KEY_INVALID', {
    what: 'the grace to end',
    timeoutMs: 2_000,
  })
  expect(await tryKey(app, rotated.token)).toBe('JOB_NOT_FOUND')
  // What has passed is not shown; the database's clock, which is asked, may be a moment behind ours.
  await waitFor(
    async () => (await app.keys.getApiKey({ key: key.id })).apiKey?.previousSecretExpiresAt === undefined,
    { what: 'the grace to be over' },
  )
})

test('a grace is a day where nothing else is said, and at most 30 days', async () => {
  const { key } = await makeKey(app)
  for (const [graceSecs, secs] of [
    [undefined, 86_400],
    [2_592_000, 2_592_000],
  ] as const) {
    const { apiKey } = await app.keys.rotateApiKey({ key: key.id, ...(graceSecs && { graceSecs }) })
    const grace = Number(apiKey!.previousSecretExpiresAt!.seconds - apiKey!.updatedAt!.seconds)
    expect(grace).toBe(secs)
  }
  for (const graceSecs of [-1, 2_592_001])
    expect(await refusalOf(app.keys.rotateApiKey({ key: key.id, graceSecs }))).toMatchObject({
      reason: 'FIELD_INVALID',
      fields: ['grace_secs'],
    })
})

test('a rotation without a grace ends the old text at once', async () => {
  const { key, token } = await makeKey(app)
  expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
  const rotated = await app.keys.rotateApiKey({ key: key.id, graceSecs: 0 })
  expect(rotated.apiKey?.previousSecretExpiresAt).toBeUndefined()
  expect(await tryKey(app, token)).toBe('KEY_INVALID')
  expect(await tryKey(app, rotated.token)).toBe('JOB_NOT_FOUND')
})

test('a second rotation ends the text before the last at once', async () => {
  const { key, token: first } = await makeKey(app)
  const { token: second } = await app.keys.rotateApiKey({ key: key.id })
  expect(await tryKey(app, first)).toBe('JOB_NOT_FOUND')
  const { token: third } = await app.keys.rotateApiKey({ key: key.id })
  expect(await tryKey(app, first)).toBe('KEY_INVALID')
  for (const token of [second, third]) expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')
})

test('a key rotates itself without an outage', async () => {
  const { key, keys } = await makeKey(app, { scopes: ['keys:manage'] })
  const { token } = await keys.rotateApiKey({ key: key.id })
  expect((await app.client(ApiKeyService, token).getApiKey({ key: key.id })).apiKey?.updatedBy).toBe(
    `apikey:${key.id}`,
  )
})

test('who manages keys stops a stronger one, but neither rotates nor prolongs it', async () => {
  const manager = await makeKey(app, { scopes: ['keys:manage'] })
  const strong = await makeKey(app, { scopes: ['keys:manage', 'jobs:read'], expiresAt: inMs(60_000) })
  const lacks = { code: 'permission_denied', reason: 'NOT_ALLOWED', metadata: { scope: 'jobs:read' } }
  const { id } = strong.key
  const by = (apiKey: Fields, paths?: string[]) => update(id, apiKey, paths, undefined, manager.keys)
  expect(await refusalOf(manager.keys.rotateApiKey({ key: id }))).toMatchObject(lacks)
  expect(await refusalOf(by({}, ['expires_at']))).toMatchObject(lacks)
  expect(await refusalOf(by({ expiresAt: inMs(90_000) }))).toMatchObject(lacks)
  await by({ name: 'renamed', expiresAt: inMs(-1) })
  expect(await tryKey(app, strong.token)).toBe('KEY_INVALID')
  expect(await refusalOf(by({}, ['expires_at']))).toMatchObject(lacks)
  expect((await manager.keys.revokeApiKey({ key: id })).apiKey?.revokedAt).toBeDefined()
})

test('a revoked key never works again, with any of its texts, and is not changed any more', async () => {
  const made = await makeKey(app)
  const { key, token } = made
  const { token: second } = await app.keys.rotateApiKey({ key: key.id })
  for (const text of [token, second]) expect(await tryKey(app, text)).toBe('JOB_NOT_FOUND')
  const { apiKey } = await app.keys.revokeApiKey({ key: key.id })
  expect(apiKey).toMatchObject({ etag: 'rev_3', revokedAt: expect.anything() })
  expect(apiKey?.previousSecretExpiresAt).toBeUndefined()
  for (const text of [token, second]) expect(await tryKey(app, text)).toBe('KEY_INVALID')

  const before = await rowOf(made)
  expect((await app.keys.revokeApiKey({ key: key.id })).apiKey).toEqual(apiKey)
  for (const call of [
    () => app.keys.rotateApiKey({ key: key.id }),
    () => update(key.id, { name: 'new' }),
    () => update(key.id, {}, ['expires_at'], 'rev_3'),
    () => update(key.id, {}, []),
  ])
    expect(await refusalOf(call())).toMatchObject({ code: 'failed_precondition', reason: 'API_KEY_REVOKED' })
  expect(await rowOf(made)).toBe(before)
  expect((await app.keys.getApiKey({ key: key.id })).apiKey).toEqual(apiKey)
  expect((await app.keys.listApiKeys({ pageSize: 250 })).apiKeys).toContainEqual(apiKey)
})

test('a key that revokes itself is answered, and its next call is refused', async () => {
  const { key, keys } = await makeKey(app, { scopes: ['keys:manage'] })
  await keys.revokeApiKey({ key: key.id })
  expect(await refusalOf(keys.getApiKey({ key: key.id }))).toMatchObject({ reason: 'KEY_INVALID' })
})

test('the other services are told what a key may do and until when', async () => {
  const { key, token } = await makeKey(app, {
    scopes: ['runs:read', 'jobs:trigger'],
    expiresAt: inMs(3_600_000),
  })
  const verify = async (...keys: string[]) => (await app.internal.verifyKeys({ keys })).keys
  const known = { valid: true, keyId: key.id, projectId: app.store.projectId, scopes: key.scopes }
  expect(await verify(token)).toMatchObject([{ ...known, expiresAt: key.expiresAt }])
  const { apiKey, token: second } = await app.keys.rotateApiKey({ key: key.id, graceSecs: 60 })
  const [old, current] = await verify(token, second)
  expect(old).toMatchObject({ ...known, expiresAt: apiKey?.previousSecretExpiresAt })
  expect(current).toMatchObject({ ...known, expiresAt: key.expiresAt })
  await update(key.id, {}, ['expires_at'])
  const [endless] = await verify(second)
  expect(endless).toMatchObject(known)
  expect(endless?.expiresAt).toBeUndefined()
  await update(key.id, { expiresAt: inMs(1_000) })
  expect((await verify(token))[0]?.expiresAt).toEqual((await verify(second))[0]?.expiresAt)
  await app.keys.revokeApiKey({ key: key.id })
  expect(await verify(token, second)).toMatchObject([
    { valid: false, scopes: [] },
    { valid: false, keyId: '' },
  ])
})

test('the other services are told of neither a key nor a secret that has ended: the database says what has', async () => {
  const { key, token } = await makeKey(app)
  const { token: second } = await app.keys.rotateApiKey({ key: key.id, graceSecs: 60 })
  const valid = async () =>
    (await app.internal.verifyKeys({ keys: [token, second] })).keys.map((one) => one.valid)
  expect(await valid()).toEqual([true, true])
  await sql`update api_keys set previous_secret_expires_at = now() where id = ${key.id}`.execute(app.store.db)
  expect(await valid()).toEqual([false, true])
  await update(key.id, { expiresAt: inMs(-1) })
  expect(await valid()).toEqual([false, false])
})
