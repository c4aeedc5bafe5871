// Connect: a unary call is a plain HTTP request whose body is the message and whose status tells how it went; a stream is a
// row of envelopes whose last one, marked by a flag, carries the end in JSON.

import type { ConnectError } from '@connectrpc/connect'
import {
  codeToHttpStatus,
  endStreamFlag,
  endStreamToJson,
  errorToJsonBytes,
} from '@connectrpc/connect/protocol-connect'
import { toConnectError } from '../refusal.ts'
import { readConnectTimeout } from './deadline.ts'
import { envelope } from './envelope.ts'
import { headerOf, type Request } from './http-types.ts'
import { encodeMessage, framedProtocol, type Protocol, readingMessages } from './protocol.ts'
import type { MessageForm } from './read-message.ts'

const readTimeout = (request: Request) => readConnectTimeout(headerOf(request, 'connect-timeout-ms'))

/** Connect's unary calls. */
export function connectUnary(contentType: string, json: boolean): Protocol {
  const form: MessageForm = { json, framed: false, encodingHeader: 'content-encoding' }
  return {
    ...readingMessages(form),
    name: contentType,
    readTimeout,
    send(response, method, message) {
      const bytes = encodeMessage(form, method, message)
      const headers = { 'content-type': contentType, 'content-length': bytes.length }
      response.writeHead(200, headers).end(bytes)
      return true
    },
    finish() {
      // The message was the whole answer.
    },
    fail(response, thrown, status) {
      const error = toConnectError(thrown)
      const body = errorToJsonBytes(error, undefined)
      const headers = { 'content-type': 'application/json', 'content-length': body.length }
      response.writeHead(status ?? codeToHttpStatus(error.code), headers).end(body)
    },
  }
}

/** Connect's server streams. */
export function connectStream(contentType: string, json: boolean): Protocol {
  return framedProtocol(contentType, {
    json,
    encodingHeader: 'connect-content-encoding',
    readTimeout,
    headers: { 'content-type': contentType, 'connect-accept-encoding': 'gzip' },
    end: (response, error) => response.end(endOfStream(error)),
  })
}

function endOfStream(error: ConnectError | undefined): Buffer {
  return envelope(
    endStreamFlag,
    Buffer.from(JSON.stringify(endStreamToJson(new Headers(), error, undefined))),
  )
}
