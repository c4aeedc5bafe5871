// From a request to its message: read, taken out of its envelope, unpacked, decoded; each step bounded.

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { DescMessage, Message } from '@bufbuild/protobuf'
import { Refusal } from '../refusal.ts'
import { decodeBinary, decodeJson } from './decode.ts'
import { envelopeBytes, openEnvelope } from './envelope.ts'
import { headerOf, type Request } from './http-types.ts'
import { readBody, tooLarge } from './read-body.ts'

const unpack = promisify(gunzip)

/** The form in which a protocol carries messages. */
export interface MessageForm {
  /** Whether they are JSON; if not, protobuf's binary form. */
  readonly json: boolean
  /** Whether they come in envelopes; if not, the body is the message. */
  readonly framed: boolean
  /** The request header that says how they are compressed. */
  readonly encodingHeader: string
}

/** Refuses a request whose messages are packed in a way that is not known here. */
export function requireEncoding(form: Pick<MessageForm, 'encodingHeader'>, request: Request): void {
  if (!['identity', 'gzip'].includes(encodingOf(form, request)))
    throw new Refusal('NOT_IMPLEMENTED', `${form.encodingHeader} may be identity or gzip`, {
      httpStatus: 415,
    })
}

/** Reads the one message of a request. */
export async function readMessage(
  form: MessageForm,
  desc: DescMessage,
  request: Request,
  maxBytes: number,
): Promise<Message> {
  const gzip = encodingOf(form, request) === 'gzip'
  const body = await readBody(request, form.framed ? maxBytes + envelopeBytes : maxBytes)
  // An envelope tells for itself whether its message is compressed; without one the header does, but for no body at all.
  const { compressed, message } = form.framed
    ? openEnvelope(body)
    : { compressed: gzip && body.length > 0, message: body }
  if (compressed && !gzip)
    throw new Refusal('BODY_MALFORMED', `compressed, but ${form.encodingHeader} does not say how`)
  const bytes = compressed ? await gunzipWithin(message, maxBytes) : message
  return form.json ? decodeJson(desc, bytes) : decodeBinary(desc, bytes)
}

/** How the messages of a request are packed. */
function encodingOf(form: Pick<MessageForm, 'encodingHeader'>, request: Request): string {
  return headerOf(request, form.encodingHeader) ?? 'identity'
}

/** Unpacks bytes that may become so many and no more. */
export async function gunzipWithin(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await unpack(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(maxBytes)
    throw new Refusal('BODY_MALFORMED', 'the body cannot be unpacked', { cause })
  }
}
