// From a request to its message: read, taken out of its envelope, unpacked, decoded; each step bounded.

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { DescMessage, Message } from '@bufbuild/protobuf'
import { Refusal } from '../refusal.ts'
import { decodeBinary, decodeJson } from './decode.ts'
import { envelopeBytes, openEnvelope } from './envelope.ts'
import { headerOf, type Request } from './http-types.ts'
import type { Protocol } from './protocol.ts'
import { readBody, tooLarge } from './read-body.ts'

const unpack = promisify(gunzip)

/** Refuses a request whose messages are packed in a way that is not known here. */
export function requireEncoding(protocol: Protocol, request: Request): void {
  if (!['identity', 'gzip'].includes(encodingOf(protocol, request)))
    throw new Refusal('NOT_IMPLEMENTED', `${protocol.encodingHeader} may be identity or gzip`)
}

/** Reads the one message of a request. */
export async function readMessage(
  protocol: Protocol,
  desc: DescMessage,
  request: Request,
  maxBytes: number,
): Promise<Message> {
  const gzip = encodingOf(protocol, request) === 'gzip'
  const body = await readBody(request, protocol.framed ? maxBytes + envelopeBytes : maxBytes)
  // An envelope tells for itself whether its message is compressed; without one the header does, but for no body at all.
  const { compressed, message } = protocol.framed
    ? openEnvelope(body)
    : { compressed: gzip && body.length > 0, message: body }
  if (compressed && !gzip)
    throw new Refusal('BODY_MALFORMED', `compressed, but ${protocol.encodingHeader} does not say how`)
  const bytes = compressed ? await gunzipWithin(message, maxBytes) : message
  return protocol.json ? decodeJson(desc, bytes) : decodeBinary(desc, bytes)
}

function encodingOf(protocol: Protocol, request: Request): string {
  return headerOf(request, protocol.encodingHeader) ?? 'identity'
}

async function gunzipWithin(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await unpack(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(maxBytes)
    throw new Refusal('BODY_MALFORMED', 'the body cannot be unpacked', { cause })
  }
}
