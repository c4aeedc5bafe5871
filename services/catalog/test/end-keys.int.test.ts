// Rotating and revoking API keys, and what the other services are told of that.

import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { type Fields, inMs, makeKey, rowOf, tryKey, update } from './key-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

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
  const by = (apiKey: Fields, paths?: string[]) => update(app, id, apiKey, paths, undefined, manager.keys)
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

  const before = await rowOf(app, made)
  expect((await app.keys.revokeApiKey({ key: key.id })).apiKey).toEqual(apiKey)
  for (const call of [
    () => app.keys.rotateApiKey({ key: key.id }),
    () => update(app, key.id, { name: 'new' }),
    () => update(app, key.id, {}, ['expires_at'], 'rev_3'),
    () => update(app, key.id, {}, []),
  ])
    expect(await refusalOf(call())).toMatchObject({ code: 'failed_precondition', reason: 'API_KEY_REVOKED' })
  expect(await rowOf(app, made)).toBe(before)
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
  await update(app, key.id, {}, ['expires_at'])
  const [endless] = await verify(second)
  expect(endless).toMatchObject(known)
  expect(endless?.expiresAt).toBeUndefined()
  await update(app, key.id, { expiresAt: inMs(1_000) })
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
  await update(app, key.id, { expiresAt: inMs(-1) })
  expect(await valid()).toEqual([false, false])
})
