// The text of a key is in the answer that makes it, and nowhere else.

import { expect, test } from 'vitest'
import { aStore, dump, startCatalog } from './spawned-catalog.ts'

/** A key's text and its secret: as they stand, as Postgres shows bytes, and as JSON carries them. */
function disguisesOf(token: string): readonly string[] {
  const secret = token.split('_')[2] ?? ''
  return [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')]
}

test('no text of a key is in a table, a line of the log, or any answer but the one that made it', async () => {
  const store = await aStore()
  const { catalog, ask } = await startCatalog(store)
  const made = await ask('ApiKeyService/CreateApiKey', { apiKey: { name: 'ci', scopes: ['admin'] } })
  const { apiKey, token: first } = JSON.parse(made.text)
  const key: string = apiKey.id
  const rotated = await ask('ApiKeyService/RotateApiKey', { key })
  const { token: second } = JSON.parse(rotated.text)
  const { token: third } = JSON.parse((await ask('ApiKeyService/RotateApiKey', { key }, second)).text)
  expect(new Set([first, second, third]).size).toBe(3)

  const answers = [
    await ask('ApiKeyService/GetApiKey', { key }, third),
    await ask('ApiKeyService/ListApiKeys', {}, second),
    await ask('ApiKeyService/UpdateApiKey', { key, apiKey: { name: 'new' }, updateMask: 'name' }, third),
    await ask('CatalogInternalService/VerifyKeys', { keys: [first, second, third] }),
    await ask('ApiKeyService/RevokeApiKey', { key }, third),
    // Refused: a whole key where an id belongs, one where a scope belongs, and one that was revoked.
    await ask('ApiKeyService/RevokeApiKey', { key: second }),
    await ask('ApiKeyService/CreateApiKey', { apiKey: { scopes: [second] } }),
    await ask('ApiKeyService/GetApiKey', { key }, third),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404, 400, 401])
  const everything = await dump(store)
  expect(await catalog.stop()).toBe(0)
  for (const text of [everything, catalog.output()]) expect(text).toContain(key)
  for (const change of ['created', 'rotated', 'updated', 'revoked'])
    expect(catalog.output()).toContain(`API key ${change}`)

  const answered = answers.map(({ text }) => text)
  for (const token of [first, second, third, store.apiKey])
    for (const disguise of disguisesOf(token))
      for (const text of [everything, catalog.output(), ...answered]) expect(text).not.toContain(disguise)
})
