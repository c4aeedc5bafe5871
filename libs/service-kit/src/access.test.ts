import { expect, test } from 'vitest'
import { createAccessCheck } from './access.ts'

const alice = { actor: 'apikey:alice', projectId: 'p1' }
const check = createAccessCheck({
  serviceTokens: ['the present token', 'the previous token'],
  verifyKey: async (key) => (key === 'strait_alice_x' ? alice : undefined),
})

test('a valid API key is its project', async () => {
  expect(await check('api_key', 'Bearer strait_alice_x')).toEqual(alice)
  expect(await check('api_key', 'bearer   strait_alice_x')).toEqual(alice)
})

test('both service tokens open the internal services, and no API key does', async () => {
  const internal = { actor: 'system:internal', projectId: '' }
  expect(await check('service_token', 'Bearer the present token')).toEqual(internal)
  expect(await check('service_token', 'Bearer the previous token')).toEqual(internal)
  await expect(check('service_token', 'Bearer strait_alice_x')).rejects.toMatchObject({
    reason: 'KEY_INVALID',
  })
})

test('a service token is no API key', async () => {
  await expect(check('api_key', 'Bearer the present token')).rejects.toMatchObject({ reason: 'KEY_INVALID' })
})

test.each([undefined, '', 'strait_alice_x', 'Basic c3RyYWl0', 'Bearer', 'Bearer  '])(
  '%j is no key at all',
  async (header) => {
    await expect(check('api_key', header)).rejects.toMatchObject({ reason: 'KEY_MISSING' })
    await expect(check('service_token', header)).rejects.toMatchObject({ reason: 'KEY_MISSING' })
  },
)

test('a server without service tokens lets nobody into its internal services', async () => {
  const closed = createAccessCheck({ serviceTokens: [''], verifyKey: async () => undefined })
  await expect(closed('service_token', 'Bearer ')).rejects.toMatchObject({ reason: 'KEY_MISSING' })
  await expect(closed('service_token', 'Bearer x')).rejects.toMatchObject({ reason: 'KEY_INVALID' })
})
