import type { ConnectError } from '@connectrpc/connect'
import { envelope } from './envelope.ts'
import type { Request, Response } from './http-types.ts'

/** How one protocol reads requests and writes answers. */
export interface Protocol {
  /** Whether its messages are JSON; if not, protobuf's binary form. */
  readonly json: boolean
  /** Whether its messages come in envelopes; if not, the body is the message. */
  readonly framed: boolean
  /** The request header that says how messages are compressed. */
  readonly encodingHeader: string
  /** The caller's deadline in milliseconds. */
  readTimeout(request: Request): number | undefined
  /** Writes one message; false when the caller reads too slowly and `drain` should be waited for. */
  send(response: Response, message: Uint8Array | string): boolean
  /** Ends an answer whose messages are all sent. */
  finish(response: Response): void
  /** Ends an answer with an error, whether or not messages were sent. The status is for protocols whose status tells. */
  fail(response: Response, error: ConnectError, status?: number): void
}

/** A protocol whose answers are envelopes and an end of its own, under a status of 200 whatever happens. */
export function framedProtocol(
  own: Pick<Protocol, 'json' | 'encodingHeader' | 'readTimeout'> & {
    readonly headers: Readonly<Record<string, string>>
    end(response: Response, error: ConnectError | undefined): void
  },
): Protocol {
  const { json, encodingHeader, readTimeout } = own
  const begin = (response: Response) => response.headersSent || response.writeHead(200, own.headers)
  const end = (response: Response, error?: ConnectError) => {
    begin(response)
    own.end(response, error)
  }
  return {
    json,
    encodingHeader,
    readTimeout,
    framed: true,
    send(response, message) {
      begin(response)
      return response.write(envelope(0, Buffer.from(message)))
    },
    finish: (response) => end(response),
    fail: (response, error) => end(response, error),
  }
}
