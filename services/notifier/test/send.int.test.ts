import { createHmac } from 'node:crypto'
import { developmentAllow, publicOnly } from '@strait/egress/address'
import { createEgress } from '@strait/egress/client'
import { createReceiver, type ReceivedRequest } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { aDelivery, setup } from './bundle.ts'

const secret = `whsec_${Buffer.from('a key of exactly thirty-two byte').toString('base64')}`
const signed = async (jobIds: readonly string[]) => new Map(jobIds.map((id) => [id, [secret]]))

test('a delivery is sent once, signed for Standard Webhooks and in our own headers, and is then delivered', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  const delivery = aDelivery(`${endpoint.url}/hook?x=1`)
  await bundle.insert([delivery])
  await bundle.notifier({ secretsOf: signed }).start()
  const [row] = await bundle.untilAll('delivered')

  expect(endpoint.requests).toHaveLength(1)
  const request = endpoint.requests[0]!
  expect(`${request.method} ${request.path}`).toBe('POST /hook?x=1')
  expect(request.body.toString()).toBe(delivery.body)
  const headers = request.headers as Record<string, string>
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'x-strait-delivery-id': delivery.id,
    'webhook-id': delivery.id,
    'x-strait-attempt': '1',
    traceparent: delivery.traceparent,
  })
  expect(new Webhook(secret).verify(request.body.toString(), headers)).toEqual(JSON.parse(delivery.body))
  const hmac = createHmac('sha256', 'a key of exactly thirty-two byte')
    .update(`${headers['x-strait-timestamp']}.`)
    .update(request.body)
    .digest('hex')
  expect(headers['x-strait-signature']).toBe(`v1=${hmac}`)
  expect(headers['x-webhook-signature']).toBe(`v1=${hmac}`)
  expect(row!.attempts).toEqual([{ attempt: 1, httpStatus: 200, errorClass: null }])
})

test('an endpoint that answers 500 first gets the same bytes again under the same delivery id', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  endpoint.respond(() => ({ status: endpoint.requests.length === 1 ? 500 : 204 }))
  const delivery = aDelivery(endpoint.url)
  await bundle.insert([delivery])
  await bundle.notifier({ secretsOf: signed }).start()
  const [row] = await bundle.untilAll('delivered')

  expect(
    endpoint.requests.map(({ headers }) => [headers['webhook-id'], headers['x-strait-attempt']]),
  ).toEqual([
    [delivery.id, '1'],
    [delivery.id, '2'],
  ])
  expect(endpoint.requests[1]!.body).toEqual(endpoint.requests[0]!.body)
  expect(row!.attempts).toEqual([
    { attempt: 1, httpStatus: 500, errorClass: null },
    { attempt: 2, httpStatus: 204, errorClass: null },
  ])
})

test.each([
  ['410 at once', 410, 1],
  ['500 at the last attempt', 500, 3],
])('%s ends the delivery as failed', async (_, status, attempts) => {
  await using bundle = await setup()
  await using endpoint = await createReceiver(() => ({ status }))
  await bundle.insert([aDelivery(endpoint.url)])
  await bundle.notifier().start()
  const [row] = await bundle.untilAll('failed')
  expect(row!.attempts.map((attempt) => attempt.httpStatus)).toEqual(Array(attempts).fill(status))
  expect(endpoint.requests).toHaveLength(attempts)
})

test('a job without a secret has its webhook sent without a signature', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  await bundle.insert([aDelivery(endpoint.url)])
  await bundle.notifier().start()
  await bundle.untilAll('delivered')
  const names = Object.keys(endpoint.requests[0]!.headers)
  expect(names.filter((name) => name.includes('signature'))).toEqual([])
  expect(names).toContain('x-strait-timestamp')
})

test('while the catalog cannot be asked for secrets a delivery waits, and waiting costs no attempt', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  await bundle.insert([aDelivery(endpoint.url)])
  let asked = 0
  const secretsOf = async (jobIds: readonly string[]) => {
    asked += 1
    if (asked === 1) throw new Error('the catalog is away')
    return signed(jobIds)
  }
  await bundle.notifier({ secretsOf }).start()
  await bundle.untilAll('delivered')
  expect(asked).toBe(2)
  expect(endpoint.requests).toHaveLength(1)
  expect(endpoint.requests[0]!.headers).toMatchObject({
    'x-strait-attempt': '1',
    'webhook-signature': expect.stringMatching(/^v1,/),
  })
})

test('an address that may not be called is an attempt like any other', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  await bundle.insert([aDelivery(endpoint.url)])
  await bundle.notifier({ egress: createEgress({ allow: publicOnly(), userAgent: 'test' }) }).start()
  const [row] = await bundle.untilAll('failed')
  expect(row!.attempts.map((attempt) => attempt.errorClass)).toEqual(['blocked', 'blocked', 'blocked'])
  expect(endpoint.requests).toEqual([])
})

test('an endpoint that never answers holds its own share of the calls and nobody else', async () => {
  await using bundle = await setup()
  await using stuck = await createReceiver(() => 'hang')
  await using quick = await createReceiver()
  const waiting = Array.from({ length: 200 }, () => aDelivery(stuck.url))
  await bundle.insert([...waiting, ...Array.from({ length: 50 }, () => aDelivery(quick.url))])
  await bundle.notifier({ maxInFlight: 30, maxInFlightPerOrigin: 10 }).start()
  await waitFor(
    async () => (await bundle.deliveries()).filter((row) => row.status === 'delivered').length === 50,
    { what: 'the quick endpoint to have all of its own' },
  )
  expect(quick.requests).toHaveLength(50)
  await waitFor(() => stuck.requests.length === 10, { what: 'ten calls to the one that hangs' })
  const open = stuck.requests.filter((request: ReceivedRequest) => request.endedAt === undefined)
  expect(open).toHaveLength(10)
})

test('three notifiers call each webhook once', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  await bundle.insert(Array.from({ length: 300 }, () => aDelivery(endpoint.url)))
  for (let i = 0; i < 3; i += 1) await bundle.notifier().start()
  await bundle.untilAll('delivered')
  const ids = endpoint.requests.map(({ headers }) => headers['webhook-id'])
  expect(ids).toHaveLength(300)
  expect(new Set(ids).size).toBe(300)
})

test('a notifier that stops breaks off what hangs, and the delivery is due again at once', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver(() => 'hang')
  const delivery = aDelivery(endpoint.url)
  await bundle.insert([delivery])
  const stopping = bundle.notifier({ drainMs: 0 })
  await stopping.start()
  await endpoint.waitFor(() => true)
  await stopping.stop()
  const [row] = await bundle.deliveries()
  expect(row).toMatchObject({
    status: 'pending',
    claimedBy: null,
    attempts: [{ attempt: 1, httpStatus: null, errorClass: 'aborted' }],
  })

  endpoint.respond(() => ({ status: 200 }))
  await bundle.notifier().start()
  await bundle.untilAll('delivered')
  expect(endpoint.requests.map(({ headers }) => headers['webhook-id'])).toEqual([delivery.id, delivery.id])
})

test('a notifier that stops lets a call in flight end', async () => {
  await using bundle = await setup()
  const answer = Promise.withResolvers<{ status: number }>()
  await using endpoint = await createReceiver(() => answer.promise)
  await bundle.insert([aDelivery(endpoint.url)])
  const egress = createEgress({ allow: developmentAllow(), userAgent: 'test' })
  const stopping = bundle.notifier({ egress, drainMs: 10_000 })
  await stopping.start()
  await endpoint.waitFor(() => true)
  const stopped = stopping.stop()
  answer.resolve({ status: 200 })
  await stopped
  expect(await bundle.deliveries()).toMatchObject([{ status: 'delivered', attempt: 1 }])
})
