// A key that is revoked, or ends, is dead everywhere: at once while news go around, within five seconds whatever is lost.

import { timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt'
import { createReceiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'
import { keysOf, lookWith, makeKey, reasonOf, runsWith } from '../keys.ts'

const startSmall = () => startCluster({ scheduler: false, notifier: false })

/** Opens a stream of a run that goes on; answers, after its first step, the promise of the reason that it ends with. */
async function watchOpenRun(runs: ReturnType<Cluster['runs']>, run: string) {
  const stream = runs.watchRun({ run })[Symbol.asyncIterator]()
  expect((await stream.next()).done).toBe(false)
  const rest = async () => {
    while (!(await stream.next()).done);
  }
  return { ended: reasonOf(rest()).then((reason) => ({ reason, at: performance.now() })) }
}

/** A run that does not end before the test does. */
async function anOpenRun(cluster: Cluster, hold: Promise<void>) {
  const endpoint = await createReceiver(async () => {
    await hold
    return {}
  })
  await cluster.jobs.createJob({ job: { name: 'Open', endpointUrl: endpoint.url } })
  const { run } = await cluster.runs().triggerJob({ job: 'open' })
  await endpoint.waitFor(() => true)
  return { endpoint, id: run?.id ?? '' }
}

test('a key that is revoked is dead in another process as soon as the news is there, its streams a second later', async () => {
  await using cluster = await startSmall()
  const hold = Promise.withResolvers<void>()
  const { endpoint, id } = await anOpenRun(cluster, hold.promise)
  await using _ = endpoint
  const key = await makeKey(cluster, { scopes: ['runs:read'] })
  const stream = await watchOpenRun(key.runs, id)
  // Known from now on for three seconds: what ends it sooner is the news.
  expect(await lookWith(key.runs)).toBe('RUN_NOT_FOUND')
  await keysOf(cluster).revokeApiKey({ key: key.id })
  const revokedAt = performance.now()
  await waitFor(async () => (await lookWith(key.runs)) === 'KEY_INVALID', {
    what: 'the dispatcher to refuse the key',
    timeoutMs: 1_500,
  })
  const { reason, at } = await stream.ended
  expect(reason).toBe('KEY_INVALID')
  expect(at - revokedAt).toBeLessThan(2_500)
  hold.resolve()
}, 60_000)

test('with NATS away a revoked key and its open streams are dead within five seconds', async () => {
  await using cluster = await startSmall()
  const hold = Promise.withResolvers<void>()
  const { endpoint, id } = await anOpenRun(cluster, hold.promise)
  await using _ = endpoint
  const key = await makeKey(cluster, { scopes: ['runs:read'] })
  await cluster.nats.kill()
  const stream = await watchOpenRun(key.runs, id)
  expect(await lookWith(key.runs)).toBe('RUN_NOT_FOUND')
  await keysOf(cluster).revokeApiKey({ key: key.id })
  const revokedAt = performance.now()
  await waitFor(async () => (await lookWith(key.runs)) === 'KEY_INVALID', {
    what: 'the dispatcher to refuse the key',
    timeoutMs: 5_000,
  })
  const { reason, at } = await stream.ended
  expect(reason).toBe('KEY_INVALID')
  expect(at - revokedAt).toBeLessThan(5_000)
  hold.resolve()
}, 60_000)

test('a key is rotated without an outage: both texts work for the grace, then only the new one', async () => {
  await using cluster = await startSmall()
  const key = await makeKey(cluster, { scopes: ['runs:read'] })
  expect(await lookWith(key.runs)).toBe('RUN_NOT_FOUND')
  const { token } = await keysOf(cluster).rotateApiKey({ key: key.id, graceSecs: 1 })
  const rotated = runsWith(cluster, token)
  expect(await lookWith(rotated)).toBe('RUN_NOT_FOUND')
  expect(await lookWith(key.runs)).toBe('RUN_NOT_FOUND')
  await waitFor(async () => (await lookWith(key.runs)) === 'KEY_INVALID', {
    what: 'the grace to end',
    timeoutMs: 2_000,
  })
  expect(await lookWith(rotated)).toBe('RUN_NOT_FOUND')
}, 60_000)

test('with the catalog killed a known key stays good until its own end and not beyond; an unknown one is not let in', async () => {
  await using cluster = await startSmall()
  const key = await makeKey(cluster, {
    scopes: ['runs:read'],
    expiresAt: timestampFromMs(Date.now() + 10_000),
  })
  const unseen = await makeKey(cluster, { scopes: ['runs:read'] })
  expect(await lookWith(key.runs)).toBe('RUN_NOT_FOUND')
  cluster.catalog.kill('SIGKILL')
  await cluster.catalog.exited
  expect(await lookWith(unseen.runs)).toBe('UNAVAILABLE')

  const endsAt = timestampDate(key.expiresAt!).getTime()
  let lastGood = 0
  let answered = ''
  await waitFor(
    async () => {
      const askedAt = Date.now()
      answered = await lookWith(key.runs)
      if (answered === 'RUN_NOT_FOUND') lastGood = askedAt
      return answered !== 'RUN_NOT_FOUND'
    },
    { what: 'the end of the key', timeoutMs: 15_000 },
  )
  expect(answered).toBe('KEY_INVALID')
  expect(Date.now()).toBeGreaterThanOrEqual(endsAt)
  expect(lastGood).toBeLessThan(endsAt)
  // Far beyond the three seconds for which nobody has to be asked.
  expect(lastGood).toBeGreaterThan(endsAt - 2_000)
}, 60_000)
