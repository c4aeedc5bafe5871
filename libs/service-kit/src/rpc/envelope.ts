// gRPC, gRPC-Web and Connect's streams put each message into an envelope: one byte of flags, four of length, the message.

import { Refusal } from '../refusal.ts'

const headBytes = 5
const compressedFlag = 1

/** Puts bytes into an envelope. */
export function envelope(flags: number, bytes: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(headBytes + bytes.length)
  whole.writeUInt8(flags, 0)
  whole.writeUInt32BE(bytes.length, 1)
  whole.set(bytes, headBytes)
  return whole
}

/** How much larger a body may be than the message in it. */
export const envelopeBytes = headBytes

/** Takes the one message of a request out of its envelope; every method here takes exactly one. */
export function openEnvelope(body: Buffer): { readonly compressed: boolean; readonly message: Buffer } {
  const flags = body.length < headBytes ? undefined : body.readUInt8(0)
  if (flags === undefined || flags > compressedFlag || body.length !== headBytes + body.readUInt32BE(1))
    throw new Refusal('BODY_MALFORMED', 'the body is not one message in an envelope')
  return { compressed: flags === compressedFlag, message: body.subarray(headBytes) }
}
