// What other processes hear of changed keys.

import { fromBinary } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import { KeysChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { openApp } from './app-bundle.ts'
import { inMs, makeKey, tryKey } from './key-bundle.ts'
import { refusalOf } from './refusal.ts'

async function aListener(url: string) {
  const listener = await connectBus({ url, name: 'listener' })
  onTestFinished(() => listener.close())
  const heard: string[] = []
  listener.subscribe(subjects.keysChanged, (bytes) => {
    heard.push(...fromBinary(KeysChangedSchema, bytes).keyIds)
  })
  await listener.connection()?.flush()
  return heard
}

test('a moved end, a rotation and a revocation are told, and nothing else is', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const heard = await aListener(nats.url)
  const app = await openApp({ NATS_URL: nats.url })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const [a, b] = [(await makeKey(app)).key.id, (await makeKey(app)).key.id]
  const update = (key: string, apiKey: object, paths: string[]) =>
    app.keys.updateApiKey({ key, apiKey, updateMask: { paths } })

  await update(a, { name: 'new' }, ['name'])
  await update(a, {}, ['expires_at'])
  await update(b, { expiresAt: inMs(60_000) }, ['expires_at'])
  await app.keys.rotateApiKey({ key: a })
  await app.keys.revokeApiKey({ key: a })
  await app.keys.revokeApiKey({ key: a })
  expect(await refusalOf(app.keys.rotateApiKey({ key: a }))).toMatchObject({ reason: 'API_KEY_REVOKED' })
  await app.keys.revokeApiKey({ key: b })
  // News of one connection keeps its order: what was not told before the last one never will be.
  await waitFor(() => heard.length === 4, { what: 'all news' })
  expect(heard).toEqual([b, a, a, b])
})

test('a key that one replica revoked is dead at once at that one, and as soon as the news is there at another', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const first = await openApp({ NATS_URL: nats.url })
  onTestFinished(() => first[Symbol.asyncDispose]())
  const second = await openApp({ NATS_URL: nats.url }, first.store)
  onTestFinished(() => second[Symbol.asyncDispose]())
  const heard = await aListener(nats.url)
  const { key, token } = await makeKey(first)
  for (const app of [first, second]) expect(await tryKey(app, token)).toBe('JOB_NOT_FOUND')

  await first.keys.revokeApiKey({ key: key.id })
  expect(await tryKey(first, token)).toBe('KEY_INVALID')
  await waitFor(() => heard.includes(key.id), { what: 'the news' })
  // Far sooner than the three seconds for which a key is known.
  await waitFor(async () => (await tryKey(second, token)) === 'KEY_INVALID', {
    what: 'the other replica to forget the key',
    timeoutMs: 1_000,
  })
})
