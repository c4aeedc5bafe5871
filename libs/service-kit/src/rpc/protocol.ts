import { type DescMethod, type Message, toBinary, toJsonString } from '@bufbuild/protobuf'
import type { ConnectError } from '@connectrpc/connect'
import { toConnectError } from '../refusal.ts'
import { envelope } from './envelope.ts'
import type { Request, Response } from './http-types.ts'
import { type MessageForm, readMessage, requireEncoding } from './read-message.ts'

/** How one protocol reads requests and writes answers. One that knows a request by more than its type is made for each. */
export interface Protocol {
  /** What it is: the content type that it speaks, or REST. */
  readonly name: string
  /** The caller's deadline in milliseconds. */
  readTimeout(request: Request): number | undefined
  /** Refuses by its headers a request that cannot be read. */
  requireReadable(request: Request): void
  /** Reads the one message of a request. */
  read(request: Request, method: DescMethod, maxBytes: number): Promise<Message>
  /** Writes one message; false when the caller reads too slowly and `drain` should be waited for. */
  send(response: Response, method: DescMethod, message: Message): boolean
  /** Says that a stream which has nothing to say is still there, where a protocol has a way to. */
  keepAlive?(response: Response): void
  /** Ends an answer whose messages are all sent. */
  finish(response: Response): void
  /** Ends an answer with an error, whether or not messages were sent. The status is for protocols whose status tells. */
  fail(response: Response, thrown: unknown, status?: number): void
}

/** What protocols that carry protobuf messages have in common: how these are read. */
export function readingMessages(form: MessageForm): Pick<Protocol, 'requireReadable' | 'read'> {
  return {
    requireReadable: (request) => requireEncoding(form, request),
    read: (request, method, maxBytes) => readMessage(form, method.input, request, maxBytes),
  }
}

/** The bytes of an answer's message. */
export function encodeMessage({ json }: MessageForm, method: DescMethod, message: Message): Uint8Array {
  return json ? Buffer.from(toJsonString(method.output, message)) : toBinary(method.output, message)
}

/** A protocol whose answers are envelopes and an end of its own, under a status of 200 whatever happens. */
export function framedProtocol(
  name: string,
  own: Pick<MessageForm, 'json' | 'encodingHeader'> &
    Pick<Protocol, 'readTimeout'> & {
      readonly headers: Readonly<Record<string, string>>
      end(response: Response, error: ConnectError | undefined): void
    },
): Protocol {
  const form: MessageForm = { json: own.json, encodingHeader: own.encodingHeader, framed: true }
  const begin = (response: Response) => response.headersSent || response.writeHead(200, own.headers)
  const end = (response: Response, error?: ConnectError) => {
    begin(response)
    own.end(response, error)
  }
  return {
    ...readingMessages(form),
    name,
    readTimeout: own.readTimeout,
    send(response, method, message) {
      begin(response)
      return response.write(envelope(0, encodeMessage(form, method, message)))
    },
    finish: (response) => end(response),
    fail: (response, thrown) => end(response, toConnectError(thrown)),
  }
}
