import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEnveloped, watchEnvelopes } from './envelopes.ts'

/** One envelope. */
function envelope(flags: number, length: number): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(flags, 0)
  head.writeUInt32BE(length, 1)
  return Buffer.concat([head, Buffer.alloc(length, 0x80)])
}

test('the borders between messages are found however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(700), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (lengths, cuts) => {
        const bytes = Buffer.concat(lengths.map((length) => envelope(0, length)))
        const borders = new Set([0])
        for (const length of lengths) borders.add(Math.max(...borders) + 5 + length)
        const watch = watchEnvelopes()
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const end = Math.min(bytes.length, at + (cuts[turn % cuts.length] ?? bytes.length))
          watch.pass(bytes.subarray(at, end))
          at = end
          expect(watch.isBetweenMessages()).toBe(borders.has(at))
        }
        expect(watch.isBetweenMessages()).toBe(true)
      },
    ),
  )
})

test.each([0x02, 0x80])('after the last envelope, marked %i, nothing may follow', (flags) => {
  const watch = watchEnvelopes()
  watch.pass(envelope(1, 9))
  expect(watch.isBetweenMessages()).toBe(true)
  watch.pass(envelope(flags, 0))
  expect(watch.isBetweenMessages()).toBe(false)
})

test('only some types are rows of envelopes', () => {
  for (const type of [
    'application/grpc',
    'application/grpc-web+proto',
    'application/connect+json; charset=utf-8',
  ])
    expect(isEnveloped(type)).toBe(true)
  for (const type of ['', 'application/json', 'text/event-stream', 'application/grpcx', 'application/proto'])
    expect(isEnveloped(type)).toBe(false)
})
