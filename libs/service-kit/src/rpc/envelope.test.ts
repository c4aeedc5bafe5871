import { expect, test } from 'vitest'
import { envelope, openEnvelope } from './envelope.ts'

test('what is put into an envelope comes out again', () => {
  const message = Buffer.from('a message')
  expect(openEnvelope(envelope(0, message))).toEqual({ compressed: false, message })
  expect(openEnvelope(envelope(1, message))).toEqual({ compressed: true, message })
  expect(openEnvelope(envelope(0, Buffer.alloc(0)))).toEqual({ compressed: false, message: Buffer.alloc(0) })
})

test.each([
  ['no bytes', []],
  ['a head that is cut', [0, 0, 0, 0]],
  ['a message that is cut', [0, 0, 0, 0, 2, 1]],
  ['bytes after the message', [0, 0, 0, 0, 1, 1, 1]],
  ['two messages', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a flag that means nothing here', [2, 0, 0, 0, 0]],
  ['a length beyond all bounds', [0, 255, 255, 255, 255]],
])('%s is refused', (_, bytes) => {
  expect(() => openEnvelope(Buffer.from(bytes))).toThrow('the body is not one message in an envelope')
})
