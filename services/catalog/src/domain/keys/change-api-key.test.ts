import { expect, test } from 'vitest'
import { etagOf } from '../etag.ts'
import type { ApiKeyRecord } from './api-key-record.ts'
import { decideRotation, decideUpdate } from './change-api-key.ts'
import type { ApiKeyPatch } from './check-api-key-patch.ts'

const [early, late] = [new Date('2027-01-01T00:00:00Z'), new Date('2028-01-01T00:00:00Z')]
const admin = new Set(['admin'])
const manager = new Set(['keys:manage'])

function aKey(over: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    id: 'abcdefghijkl',
    projectId: 'p',
    name: 'ci',
    scopes: ['jobs:read'],
    expiresAt: early,
    revokedAt: undefined,
    previousSecretExpiresAt: undefined,
    revision: 3,
    createdBy: 'apikey:a',
    createdAt: new Date(0),
    updatedBy: 'apikey:a',
    updatedAt: new Date(0),
    ...over,
  }
}

function update(
  patch: ApiKeyPatch,
  more: { own?: ReadonlySet<string>; etag?: string; key?: ApiKeyRecord } = {},
) {
  const { own = admin, etag, key = aKey() } = more
  return decideUpdate(key, patch, { own, etag })
}

test.each([[{}], [{ name: 'ci' }], [{ end: { at: new Date(early) } }], [{ name: 'ci', end: { at: early } }]])(
  'a change that changes no value writes nothing: %j',
  (patch) => {
    expect(update(patch)).toEqual({ to: 'keep' })
  },
)

test('what is named is changed, and only a moved end makes what others know untrue', () => {
  expect(update({ name: 'new' })).toEqual({ to: 'write', name: 'new', expiresAt: early, endMoved: false })
  expect(update({ end: { at: late } })).toEqual({ to: 'write', name: 'ci', expiresAt: late, endMoved: true })
  expect(update({ end: { at: undefined } })).toMatchObject({ expiresAt: undefined, endMoved: true })
})

test('a change that was decided on another state is refused, also one that would change nothing', () => {
  expect(update({ name: 'new' }, { etag: etagOf(aKey()) })).toMatchObject({ to: 'write' })
  for (const patch of [{ name: 'new' }, {}])
    expect(update(patch, { etag: etagOf(aKey({ revision: 2 })) })).toEqual({
      to: 'refuse',
      reason: 'ETAG_MISMATCH',
    })
})

test('a revoked key is neither changed nor rotated, whatever the etag', () => {
  const key = aKey({ revokedAt: early })
  const revoked = { to: 'refuse', reason: 'API_KEY_REVOKED' }
  for (const etag of [undefined, 'other']) expect(update({}, { key, etag })).toEqual(revoked)
  expect(decideRotation(key, admin)).toEqual(revoked)
})

const lacks = { to: 'refuse', reason: 'NOT_ALLOWED', scope: 'jobs:read' }

test('a later end prolongs what the key may do, so it wants a caller who may do that', () => {
  for (const at of [late, undefined]) {
    expect(update({ end: { at } }, { own: manager })).toEqual(lacks)
    expect(update({ end: { at } }, { own: new Set(['keys:manage', 'jobs:read']) })).toMatchObject({
      to: 'write',
    })
    // Also of a key that had ended.
    expect(update({ end: { at } }, { own: manager, key: aKey({ expiresAt: new Date(0) }) })).toEqual(lacks)
  }
})

test('an earlier end and another name take no such power', () => {
  expect(update({ end: { at: new Date(0) } }, { own: manager })).toMatchObject({ to: 'write' })
  expect(update({ end: { at: late } }, { own: manager, key: aKey({ expiresAt: undefined }) })).toMatchObject({
    to: 'write',
  })
  expect(update({ name: 'new' }, { own: manager })).toMatchObject({ to: 'write' })
})

test('a rotation hands out the scopes of the key, so it wants a caller who has them all', () => {
  expect(decideRotation(aKey(), admin)).toEqual({ to: 'write' })
  expect(decideRotation(aKey({ scopes: [] }), manager)).toEqual({ to: 'write' })
  expect(decideRotation(aKey({ scopes: ['keys:manage', 'jobs:read'] }), manager)).toEqual(lacks)
  expect(decideRotation(aKey({ scopes: ['admin'] }), manager)).toMatchObject({ scope: 'admin' })
})
