import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { signingKey, signWebhook, verifyWebhook } from './signature.ts'

// The values were computed with the openssl command line; the first is also the example of Standard Webhooks.
const encoded = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSecs: 1_614_265_330,
  body: Buffer.from('{"test": 2432232314}'),
  hex: 'e96203c6de850e7dc1fde7489ef6140b402d3a5a64fe250cd2eef9830fac1cef',
  base64: 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
// A secret of any text, and a body that is not even UTF-8: what counts is its bytes.
const plain = {
  secret: 'pässword one',
  id: '0190a5d2-7f00-7abc-8def-0123456789ab',
  timestampSecs: 1_700_000_000,
  body: Buffer.from('7b226e223a22c3a9ff00227d', 'hex'),
  hex: '9318e3f9fb0a9249bf16c6b3f5f6295db9884c07d05b33e664fc21f6ecf1c7a6',
  base64: 'VEbGdh0T3fJ21iG9zYax6Kk6nHM2QE9yR1a1ZbSvF6U=',
}

const signed = ({ id, timestampSecs, body, secret }: typeof plain) =>
  signWebhook({ id, timestampSecs, body, secrets: [secret] })

describe('signingKey', () => {
  test('whsec_ and base64 means the decoded bytes', () => {
    const key = Buffer.from(signingKey(encoded.secret)).toString('hex')
    expect(key).toBe('31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0')
  })

  test.each(['hello', 'pässword', 'whsec_', 'whsec_not base64!', 'whsec_abc', 'WHSEC_abcd', ' whsec_abcd'])(
    '%j means its own UTF-8 bytes',
    (secret) => {
      expect(Buffer.from(signingKey(secret)).toString('utf8')).toBe(secret)
    },
  )

  test('a plain secret and whsec_ with its base64 are one key', () => {
    const wrapped = `whsec_${Buffer.from(plain.secret).toString('base64')}`
    expect(Buffer.from(signingKey(wrapped))).toEqual(Buffer.from(signingKey(plain.secret)))
  })
})

describe('signWebhook', () => {
  test.each([
    ['an encoded secret', encoded],
    ['a plain secret', plain],
  ])('signs in both spellings with %s', (_, vector) => {
    expect(signed(vector)).toEqual({
      'X-Strait-Timestamp': String(vector.timestampSecs),
      'X-Strait-Signature': `v1=${vector.hex}`,
      'X-Webhook-Signature': `v1=${vector.hex}`,
      'webhook-id': vector.id,
      'webhook-timestamp': String(vector.timestampSecs),
      'webhook-signature': `v1,${vector.base64}`,
    })
  })

  test('while a secret rotates both sign, each spelling with its own separator', () => {
    const { id, timestampSecs, body } = plain
    const headers = signWebhook({ id, timestampSecs, body, secrets: [plain.secret, 'old'] })
    const old = signWebhook({ id, timestampSecs, body, secrets: ['old'] })
    expect(headers['X-Strait-Signature']).toBe(`v1=${plain.hex},${old['X-Strait-Signature']}`)
    expect(headers['X-Webhook-Signature']).toBe(headers['X-Strait-Signature'])
    expect(headers['webhook-signature']).toBe(`v1,${plain.base64} ${old['webhook-signature']}`)
  })

  test('without a secret, or with an empty one, there is no signature', () => {
    const { id, timestampSecs, body } = plain
    expect(signWebhook({ id, timestampSecs, body, secrets: [] })).toEqual({})
    expect(signWebhook({ id, timestampSecs, body, secrets: [''] })).toEqual({})
  })
})

describe('verifyWebhook', () => {
  const headers = signed(plain)
  const at = (nowSecs: number) => ({ nowSecs })
  const now = at(plain.timestampSecs)

  test('takes what was signed, in any bag and any case of headers', () => {
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
    for (const bag of [headers, lower, lists, new Headers(headers)]) {
      expect(verifyWebhook(bag, plain.body, plain.secret, now)).toEqual({ ok: true })
    }
  })

  test.each(['X-Strait-Signature', 'X-Webhook-Signature', 'webhook-signature'])(
    '%s alone is enough',
    (name) => {
      const { 'X-Strait-Timestamp': own, 'webhook-id': id, 'webhook-timestamp': timestamp } = headers
      const few = {
        'X-Strait-Timestamp': own,
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        [name]: headers[name],
      }
      expect(verifyWebhook(few, plain.body, plain.secret, now)).toEqual({ ok: true })
    },
  )

  test('takes either secret while they rotate', () => {
    const { id, timestampSecs, body } = plain
    const both = signWebhook({ id, timestampSecs, body, secrets: ['new', 'old'] })
    expect(verifyWebhook(both, body, 'new', now)).toEqual({ ok: true })
    expect(verifyWebhook(both, body, 'old', now)).toEqual({ ok: true })
    expect(verifyWebhook(both, body, 'older', now)).toEqual({ ok: false, reason: 'WRONG_SIGNATURE' })
  })

  test('takes a timestamp up to 300 seconds away, before or behind', () => {
    for (const drift of [-300, 300]) {
      expect(verifyWebhook(headers, plain.body, plain.secret, at(plain.timestampSecs + drift))).toEqual({
        ok: true,
      })
    }
    for (const drift of [-301, 301]) {
      const verified = verifyWebhook(headers, plain.body, plain.secret, at(plain.timestampSecs + drift))
      expect(verified).toEqual({ ok: false, reason: 'STALE_TIMESTAMP' })
    }
    const strict = { nowSecs: plain.timestampSecs + 11, toleranceSecs: 10 }
    expect(verifyWebhook(headers, plain.body, plain.secret, strict)).toEqual({
      ok: false,
      reason: 'STALE_TIMESTAMP',
    })
  })

  test('any single changed bit of the body is noticed', () => {
    const bit = fc.nat({ max: plain.body.length * 8 - 1 })
    fc.assert(
      fc.property(bit, (index) => {
        const body = Buffer.from(plain.body)
        body[index >> 3]! ^= 1 << (index & 7)
        expect(verifyWebhook(headers, body, plain.secret, now)).toEqual({
          ok: false,
          reason: 'WRONG_SIGNATURE',
        })
      }),
      { seed: 1 },
    )
  })

  test.each([
    ['a changed timestamp', { 'X-Strait-Timestamp': String(plain.timestampSecs + 1) }, 'WRONG_SIGNATURE'],
    ['a changed id', { 'webhook-id': 'another' }, 'WRONG_SIGNATURE'],
    ['a missing id', { 'webhook-id': undefined }, 'WRONG_SIGNATURE'],
    ['a signature of another length', { 'X-Strait-Signature': 'v1=abcd' }, 'WRONG_SIGNATURE'],
    ['an unknown scheme', { 'X-Strait-Signature': `v2=${plain.hex}` }, 'WRONG_SIGNATURE'],
    ['an empty signature', { 'X-Strait-Signature': '' }, 'WRONG_SIGNATURE'],
    ['a missing timestamp', { 'X-Strait-Timestamp': undefined }, 'INVALID_TIMESTAMP'],
    ['a timestamp that is no number', { 'webhook-timestamp': 'now' }, 'INVALID_TIMESTAMP'],
    ['a negative timestamp', { 'webhook-timestamp': '-5' }, 'INVALID_TIMESTAMP'],
  ])('refuses %s', (_, change, reason) => {
    expect(verifyWebhook({ ...headers, ...change }, plain.body, plain.secret, now)).toEqual({
      ok: false,
      reason,
    })
  })

  test('refuses a message without a signature, and an empty secret', () => {
    expect(verifyWebhook({}, plain.body, plain.secret, now)).toEqual({ ok: false, reason: 'NO_SIGNATURE' })
    expect(verifyWebhook(headers, plain.body, '', now)).toEqual({ ok: false, reason: 'NO_SECRET' })
  })

  test('looks at eight signatures and no more', () => {
    const wrong = `v1=${'0'.repeat(64)}`
    const many = (count: number) => ({
      'X-Strait-Timestamp': String(plain.timestampSecs),
      'X-Strait-Signature': [...Array(count).fill(wrong), `v1=${plain.hex}`].join(','),
    })
    expect(verifyWebhook(many(7), plain.body, plain.secret, now)).toEqual({ ok: true })
    expect(verifyWebhook(many(8), plain.body, plain.secret, now)).toEqual({
      ok: false,
      reason: 'WRONG_SIGNATURE',
    })
  })
})
