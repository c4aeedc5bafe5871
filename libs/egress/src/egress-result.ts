// What the client is asked and what it answers. Whatever an endpoint, a resolver or the network does is a
// value here; only a programming error throws.
import type { AllowList } from './address.ts'

export interface EgressOptions {
  /** The addresses that may be called beside public ones. */
  readonly allow: AllowList
  /** The User-Agent of every call. */
  readonly userAgent: string
  /** A longer body is cut and the connection closed. Default 1 MiB. */
  readonly maxResponseBytes?: number
  /** A longer header section ends the call. Default 64 KiB. */
  readonly maxHeaderBytes?: number
  /** For resolving, connecting and the TLS handshake together. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** Calls above it wait for a connection. Default 128. */
  readonly connectionsPerOrigin?: number
  /** Idle connections kept over all origins. Default 1,024. */
  readonly maxIdleConnections?: number
  /** An older connection is not used again, so that a changed name is seen. Default 30,000. */
  readonly maxConnectionAgeMs?: number
  /** All addresses of a name. Default: the system's resolver. */
  readonly resolve?: Resolve
  /** PEM certificates trusted in place of the built-in ones. */
  readonly ca?: string
}

export type Resolve = (host: string) => Promise<readonly string[]>

export interface EgressRequest {
  readonly method: 'POST'
  readonly url: string
  /** Host and Content-Length are the client's own. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
  /** From this call to the last byte of the answer, waiting for a connection included. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /**
   * Called synchronously where the request is about to be written, once at most. False: nothing is
   * written, and the call ends with `not_sent`.
   */
  readonly beforeSend?: () => boolean
}

export type EgressErrorClass =
  | 'timeout'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'network'
  | 'blocked'
  | 'protocol'
  | 'aborted'

export interface EgressResponse {
  readonly kind: 'response'
  readonly status: number
  /** By lower-case name; one sent several times is joined with commas. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The body was longer than the limit: `body` is its beginning. */
  readonly truncated: boolean
  /** When the request was written, unix milliseconds. */
  readonly sentAt: number
}

export interface EgressFailure {
  readonly kind: 'error'
  readonly class: EgressErrorClass
  readonly message: string
  /** The request may have reached the endpoint. */
  readonly sent: boolean
}

export type EgressResult = EgressResponse | EgressFailure | { readonly kind: 'not_sent' }

/** Why no connection came about, or why one was given up. Has no `code`: undici retries on some codes. */
export class EgressError extends Error {
  readonly errorClass: EgressErrorClass

  constructor(errorClass: EgressErrorClass, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EgressError'
    this.errorClass = errorClass
  }
}

/** Sorts whatever ended a call into a class and a message. */
export function describeError(error: unknown): { errorClass: EgressErrorClass; message: string } {
  if (error instanceof EgressError) return { errorClass: error.errorClass, message: error.message }
  const code = codeOf(error)
  const message = error instanceof Error && error.message !== '' ? error.message : code
  return { errorClass: protocolCode.test(code) ? 'protocol' : 'network', message }
}

/** An error's code, or its name. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

// The parser's complaints, a header section or body that breaks its own announcement, and a request that
// cannot be written as HTTP.
const protocolCode =
  /^(?:HTTPParserError$|HPE_|UND_ERR_HEADERS_OVERFLOW$|UND_ERR_(?:REQ|RES)_CONTENT_LENGTH_MISMATCH$|UND_ERR_INVALID_ARG$)/
