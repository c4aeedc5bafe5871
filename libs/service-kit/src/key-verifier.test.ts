import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { expect, test, vi } from 'vitest'
import type { Caller } from './access.ts'
import { createKeyVerifier } from './key-verifier.ts'
import { remoteKeys } from './remote-keys.ts'

const key = (n: number | string) => `strait_${n}_secret`
const callerOf = (text: string): Caller => ({
  actor: `apikey:${text.split('_')[1]}`,
  projectId: 'p',
  scopes: new Set(['jobs:read']),
})

/** A verifier in front of a catalog that the test can break, revoke keys of, and hold back. */
function setup() {
  const asked: string[][] = []
  const catalog = {
    down: false,
    revoked: new Set<string>(),
    ends: new Map<string, number>(),
    held: Promise.resolve(),
  }
  let now = 0
  const keys = createKeyVerifier(
    async (keys) => {
      asked.push([...keys])
      await catalog.held
      if (catalog.down) throw new Error('no connection')
      return keys.map((text) =>
        catalog.revoked.has(text) ? undefined : { caller: callerOf(text), endsAt: catalog.ends.get(text) },
      )
    },
    { now: () => now, wall: () => now, patienceMs: 20 },
  )
  const pass = (ms: number) => {
    now += ms
  }
  return { ...keys, catalog, asked, pass }
}

test('keys that are asked about at once share few questions', async () => {
  const { verify, asked } = setup()
  const keys = Array.from({ length: 50 }, (_, i) => key(i))
  const callers = await Promise.all([...keys, ...keys].map((each) => verify(each)))
  expect(callers).toEqual([...keys, ...keys].map(callerOf))
  expect(asked.length).toBeLessThanOrEqual(2)
  expect(asked.flat().toSorted()).toEqual(keys.toSorted())
})

test('whoever asks while a question is under way shares the next one', async () => {
  const { verify, catalog, asked } = setup()
  const gate = Promise.withResolvers<void>()
  catalog.held = gate.promise
  const first = verify(key('a'))
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  const later = [verify(key('b')), verify(key('c')), verify(key('b'))]
  gate.resolve()
  await Promise.all([first, ...later])
  expect(asked).toEqual([[key('a')], [key('b'), key('c')]])
})

test('an answer is good for 3 s, for a valid key and for an invalid one', async () => {
  const { verify, catalog, asked, pass } = setup()
  catalog.revoked.add(key('bad'))
  const both = async () => [await verify(key('good')), await verify(key('bad'))]
  expect(await both()).toEqual([callerOf(key('good')), undefined])
  pass(2_999)
  await both()
  expect(asked).toHaveLength(2)
  pass(1)
  await both()
  expect(asked).toHaveLength(4)
})

test('a revoked key stops within 3 s, and does not come back when the catalog fails', async () => {
  const { verify, catalog, pass } = setup()
  await verify(key('a'))
  catalog.revoked.add(key('a'))
  pass(3_000)
  expect(await verify(key('a'))).toBeUndefined()
  catalog.down = true
  pass(3_000)
  await expect(verify(key('a'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})

test('while the catalog fails, a key that was good within the last hour stays good', async () => {
  const { verify, catalog, asked, pass } = setup()
  await verify(key('a'))
  catalog.down = true
  pass(3_000)
  expect(await verify(key('a'))).toEqual(callerOf(key('a')))
  expect(await verify(key('a'))).toEqual(callerOf(key('a')))
  // Not asked again with every call.
  expect(asked).toHaveLength(2)
  pass(3_596_999)
  expect(await verify(key('a'))).toEqual(callerOf(key('a')))
  pass(1)
  await expect(verify(key('a'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})

test('while the catalog fails, a key that nobody knows and one that was invalid are not let in', async () => {
  const { verify, catalog, pass } = setup()
  catalog.revoked.add(key('bad'))
  await verify(key('bad'))
  catalog.down = true
  pass(3_000)
  await expect(verify(key('bad'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  await expect(verify(key('new'))).rejects.toMatchObject({
    reason: 'UNAVAILABLE',
    cause: new Error('no connection'),
  })
})

test('a catalog that neither answers nor refuses holds up a known key only for its patience', async () => {
  const { verify, catalog, asked, pass } = setup()
  await verify(key('a'))
  const gate = Promise.withResolvers<void>()
  catalog.held = gate.promise
  pass(3_000)
  expect(await verify(key('a'))).toEqual(callerOf(key('a')))
  expect(await verify(key('a'))).toEqual(callerOf(key('a')))
  expect(asked).toHaveLength(2)
  gate.resolve()
})

test('the catalog is asked again as soon as it is back', async () => {
  const { verify, catalog, pass } = setup()
  await verify(key('a'))
  catalog.down = true
  pass(3_000)
  await verify(key('a'))
  catalog.down = false
  catalog.revoked.add(key('a'))
  pass(3_000)
  expect(await verify(key('a'))).toBeUndefined()
})

test.each([
  '',
  'strait',
  'strait__',
  'strait_UPPER_x',
  'strait_a_b_c',
  `strait_a_${'x'.repeat(65)}`,
  'strait_a_é',
  'x',
])('%j is no key, and the catalog is not asked', async (text) => {
  const { verify, asked } = setup()
  expect(await verify(text)).toBeUndefined()
  expect(asked).toEqual([])
})

test('a flood of keys is told to come back, and a known key is not pushed out by it', async () => {
  const { verify, catalog, pass } = setup()
  await verify(key('known'))
  const gate = Promise.withResolvers<void>()
  catalog.held = gate.promise
  const flood = Array.from({ length: 2_500 }, (_, i) => verify(key(i)).catch((err) => err.reason))
  gate.resolve()
  const outcomes = await Promise.all(flood)
  expect(outcomes.filter((outcome) => outcome === 'OVERLOADED').length).toBeGreaterThan(0)
  expect(outcomes.filter((outcome) => outcome !== 'OVERLOADED').length).toBeGreaterThanOrEqual(1_000)
  catalog.down = true
  pass(3_000)
  expect(await verify(key('known'))).toEqual(callerOf(key('known')))
})

test('invented keys do not push out a good one', async () => {
  const { verify, catalog, pass } = setup()
  await verify(key('known'))
  const invented = Array.from({ length: 10_500 }, (_, i) => key(`x${i}`))
  for (const each of invented) catalog.revoked.add(each)
  for (let i = 0; i < invented.length; i += 500)
    await Promise.all(invented.slice(i, i + 500).map((each) => verify(each)))
  catalog.down = true
  pass(3_000)
  expect(await verify(key('known'))).toEqual(callerOf(key('known')))
})

test('an answer is as old as its question, however long it took', async () => {
  const { verify, catalog, asked, pass } = setup()
  const gate = Promise.withResolvers<void>()
  catalog.held = gate.promise
  const first = verify(key('a'))
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  pass(2_000)
  gate.resolve()
  await first
  pass(1_000)
  await verify(key('a'))
  expect(asked).toHaveLength(2)
})

test('a key ends at its end, to the millisecond, also while the catalog fails', async () => {
  const { verify, knows, catalog, pass } = setup()
  catalog.ends.set(key('a'), 10_000)
  expect(await verify(key('a'))).toEqual(callerOf(key('a')))
  catalog.down = true
  pass(9_999)
  expect(await verify(key('a'))).toEqual(callerOf(key('a')))
  expect(knows(key('a'))).toBe(true)
  pass(1)
  expect(knows(key('a'))).toBe(false)
  expect(await verify(key('a'))).toBeUndefined()
})

test('a key that ended and was given a later end works again, also when the news of it got lost', async () => {
  const { verify, catalog, pass } = setup()
  catalog.ends.set(key('a'), 10_000)
  await verify(key('a'))
  pass(10_000)
  expect(await verify(key('a'))).toBeUndefined()
  catalog.ends.delete(key('a'))
  pass(3_000)
  expect(await verify(key('a'))).toEqual(callerOf(key('a')))
})

test('a key that ended is not let in while the catalog fails, however long that is', async () => {
  const { verify, catalog, pass } = setup()
  catalog.ends.set(key('a'), 10_000)
  await verify(key('a'))
  catalog.down = true
  pass(20_000)
  expect(await verify(key('a'))).toBeUndefined()
})

test('news of a key make it be asked about at once, with every secret that it has, and no other key', async () => {
  const { verify, forget, catalog, asked } = setup()
  const rotated = 'strait_a_former'
  for (const text of [key('a'), rotated, key('b')]) await verify(text)
  catalog.revoked.add(key('a')).add(rotated)
  forget(['a', 'unheard-of'])
  expect(await verify(key('a'))).toBeUndefined()
  expect(await verify(rotated)).toBeUndefined()
  expect(await verify(key('b'))).toEqual(callerOf(key('b')))
  expect(asked.flat()).toEqual([key('a'), rotated, key('b'), key('a'), rotated])
})

test('news that come while a question is under way make its answer be asked for again', async () => {
  const { verify, forget, catalog, asked } = setup()
  const gate = Promise.withResolvers<void>()
  catalog.held = gate.promise
  const first = verify(key('a'))
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  forget(['a'])
  gate.resolve()
  await first
  catalog.revoked.add(key('a'))
  expect(await verify(key('a'))).toBeUndefined()
})

test('what was asked before the news of a key does not let it in while the catalog fails', async () => {
  const { verify, forget, catalog, asked } = setup()
  const gate = Promise.withResolvers<void>()
  catalog.held = gate.promise
  const first = verify(key('a'))
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  forget(['a'])
  gate.resolve()
  await first
  catalog.down = true
  await expect(verify(key('a'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})

test('a key of which there are news is not let in while the catalog fails', async () => {
  const { verify, forget, catalog } = setup()
  await verify(key('a'))
  catalog.down = true
  forget(['a'])
  await expect(verify(key('a'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})

test('an answer that is not about the question lets nobody in', async () => {
  const { verify } = createKeyVerifier(async () => [])
  await expect(verify(key('a'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})

test('the catalog says key by key whose it is', async () => {
  const verifyKeys = remoteKeys({
    verifyKeys: async ({ keys = [] }) => ({
      $typeName: 'strait.catalog.v1.VerifyKeysResponse',
      keys: keys.map((text) => ({
        $typeName: 'strait.catalog.v1.VerifiedKey' as const,
        valid: text !== 'bad',
        keyId: 'k',
        projectId: 'p',
        scopes: ['runs:read'],
        ...(text === 'ending' ? { expiresAt: timestampFromMs(7_000) } : {}),
      })),
    }),
  })
  const caller = { actor: 'apikey:k', projectId: 'p', scopes: new Set(['runs:read']) }
  expect(await verifyKeys(['bad', 'good', 'ending'])).toEqual([
    undefined,
    { caller, endsAt: undefined },
    { caller, endsAt: 7_000 },
  ])
})
