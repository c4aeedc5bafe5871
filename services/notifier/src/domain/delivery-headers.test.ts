import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { deliveryHeaders } from './delivery-headers.ts'

const delivery = {
  id: '0199c0de-0000-7000-8000-00000000000a',
  jobId: 'job',
  runId: 'run',
  url: 'https://example.com/hook',
  origin: 'https://example.com',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  attempt: 3,
  body: Buffer.from('{"type":"run.completed"}'),
}
const now = new Date('2026-03-02T12:00:00.900Z')

test('a delivery names itself, its attempt and the second it was sent in', () => {
  expect(deliveryHeaders(delivery, [], now)).toEqual({
    'content-type': 'application/json',
    'X-Strait-Delivery-Id': delivery.id,
    'X-Strait-Attempt': '3',
    'X-Strait-Timestamp': '1772452800',
    'webhook-id': delivery.id,
    'webhook-timestamp': '1772452800',
    traceparent: delivery.traceparent,
  })
})

test('a secret signs the exact bytes, in both spellings', () => {
  const headers = deliveryHeaders(delivery, ['plain secret'], now)
  const hex = createHmac('sha256', 'plain secret').update(`1772452800.${delivery.body}`).digest('hex')
  const base64 = createHmac('sha256', 'plain secret')
    .update(`${delivery.id}.1772452800.${delivery.body}`)
    .digest('base64')
  expect(headers).toMatchObject({
    'X-Strait-Signature': `v1=${hex}`,
    'X-Webhook-Signature': `v1=${hex}`,
    'webhook-signature': `v1,${base64}`,
  })
})

test('a delivery that has no trace sends none', () => {
  expect(deliveryHeaders({ ...delivery, traceparent: '' }, [], now)).not.toHaveProperty('traceparent')
})
