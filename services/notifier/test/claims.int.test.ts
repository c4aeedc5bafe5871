import { newUuidv7 } from '@strait/domain/ids'
import { developmentAllow } from '@strait/egress/address'
import { createEgress } from '@strait/egress/client'
import { createReceiver } from '@strait/testkit/receiver'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { callWebhook } from '../src/http/call-webhook.ts'
import { claimDeliveries } from '../src/store/claim-deliveries.ts'
import { type FinishedAttempt, finishDeliveries, releaseDeliveries } from '../src/store/finish-deliveries.ts'
import { aDelivery, setup } from './bundle.ts'

const options = { leaseMs: 60_000, room: 100, perOrigin: 10, inFlight: new Map<string, number>() }

function delivered(deliveryId: string, claimId: string, attempt: number): FinishedAttempt {
  const at = new Date()
  const next = { to: 'delivered' } as const
  return { deliveryId, claimId, attempt, at, durationMs: 1, httpStatus: 200, errorClass: undefined, next }
}

test('what a notifier has claimed is taken by another one once the claim has ended, as the next attempt', async () => {
  await using bundle = await setup()
  await bundle.insert([aDelivery('http://example.com/')])
  const first = await claimDeliveries(bundle.db, { ...options, claimId: newUuidv7() })
  const meanwhile = await claimDeliveries(bundle.db, { ...options, claimId: newUuidv7() })
  await sql`update deliveries set claimed_until = now() - interval '1 ms'`.execute(bundle.db)
  const second = await claimDeliveries(bundle.db, { ...options, claimId: newUuidv7() })
  expect([first, meanwhile, second].map((claim) => claim.deliveries.map(({ attempt }) => attempt))).toEqual([
    [1],
    [],
    [2],
  ])
})

test('an event whose notifier died after the call and before writing is told again under the same id', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  const delivery = aDelivery(endpoint.url)
  await bundle.insert([delivery])
  const { deliveries } = await claimDeliveries(bundle.db, { ...options, claimId: newUuidv7(), leaseMs: 100 })
  const egress = createEgress({ allow: developmentAllow(), userAgent: 'test' })
  await callWebhook(deliveries[0]!, [], { egress, timeoutMs: 5_000, stillOurs: () => true })
  await egress.close()

  await bundle.notifier().start()
  const [row] = await bundle.untilAll('delivered')
  expect(row!.attempt).toBe(2)
  expect(
    endpoint.requests.map(({ headers }) => [headers['webhook-id'], headers['x-strait-attempt']]),
  ).toEqual([
    [delivery.id, '1'],
    [delivery.id, '2'],
  ])
})

test('a notifier that lost its claim notes its attempt and decides nothing', async () => {
  await using bundle = await setup()
  const delivery = aDelivery('http://example.com/')
  await bundle.insert([delivery])
  const [slow, other] = [newUuidv7(), newUuidv7()]
  await claimDeliveries(bundle.db, { ...options, claimId: slow, leaseMs: 0 })
  await claimDeliveries(bundle.db, { ...options, claimId: other })
  expect(await finishDeliveries(bundle.db, [delivered(delivery.id, slow, 1)])).toEqual([false])
  expect(await bundle.deliveries()).toMatchObject([
    { status: 'pending', attempt: 2, claimedBy: other, attempts: [{ attempt: 1, httpStatus: 200 }] },
  ])
  expect(await finishDeliveries(bundle.db, [delivered(delivery.id, other, 2)])).toEqual([true])
  expect(await bundle.deliveries()).toMatchObject([{ status: 'delivered', claimedBy: null }])
})

test('a call whose claim ran out is not begun', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  await bundle.insert([aDelivery(endpoint.url)])
  const { deliveries } = await claimDeliveries(bundle.db, { ...options, claimId: newUuidv7() })
  const egress = createEgress({ allow: developmentAllow(), userAgent: 'test' })
  const call = await callWebhook(deliveries[0]!, [], { egress, timeoutMs: 5_000, stillOurs: () => false })
  await egress.close()
  expect(call).toEqual({ kind: 'unsent' })
  expect(endpoint.requests).toEqual([])
})

test('a delivery that is given back unsent is due again with the attempt it had', async () => {
  await using bundle = await setup()
  const delivery = aDelivery('http://example.com/')
  await bundle.insert([delivery])
  const claimId = newUuidv7()
  await claimDeliveries(bundle.db, { ...options, claimId })
  await releaseDeliveries(bundle.db, { claimId: newUuidv7(), ids: [delivery.id], delayMs: 0 })
  expect(await bundle.deliveries()).toMatchObject([{ attempt: 1, claimedBy: claimId }])
  await releaseDeliveries(bundle.db, { claimId, ids: [delivery.id], delayMs: 0 })
  expect(await bundle.deliveries()).toMatchObject([{ attempt: 0, claimedBy: null, status: 'pending' }])
})

test('one claim takes no more of an origin than its share, counting what is in flight, and says that more is due', async () => {
  await using bundle = await setup()
  const [a, b, c] = ['http://a.example', 'http://b.example:8080', 'http://c.example']
  await bundle.insert(
    [a, b, c].flatMap((origin) => Array.from({ length: 6 }, () => aDelivery(`${origin}/x`))),
  )
  const inFlight = new Map([
    [b, 3],
    [c, 4],
  ])
  const claim = await claimDeliveries(bundle.db, { ...options, perOrigin: 4, inFlight, claimId: newUuidv7() })
  const taken = Object.groupBy(claim.deliveries, (delivery) => delivery.origin)
  expect([taken[a]?.length, taken[b]?.length, taken[c]?.length]).toEqual([4, 1, undefined])
  expect(claim.more).toBe(true)
})

test('a claim takes what waits longest, no more than there is room for', async () => {
  await using bundle = await setup()
  const rows = Array.from({ length: 5 }, (_, index) => aDelivery(`http://${index}.example/`))
  await bundle.insert(rows)
  for (const [index, row] of rows.entries()) {
    const at = new Date(Date.now() - 60_000 * index)
    await sql`update deliveries set next_attempt_at = ${at} where id = ${row.id}`.execute(bundle.db)
  }
  const claim = await claimDeliveries(bundle.db, { ...options, room: 2, claimId: newUuidv7() })
  expect(claim.deliveries.map(({ id }) => id).toSorted()).toEqual([rows[4]!.id, rows[3]!.id].toSorted())
})
