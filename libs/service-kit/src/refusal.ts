// A refusal is an expected "no" to a caller: a closed reason, a sentence, and the fields at fault. It is thrown where it is
// found and turned once, at the door, into a code with google.rpc details. Anything else that is thrown is a fault of ours.

import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError } from '@connectrpc/connect'
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from '@strait/contracts/google/rpc/error_details_pb'
import { isConnectionLost } from '@strait/postgres/is-connection-lost'
import { isDeadlock } from '@strait/postgres/is-deadlock'

/** Reason → code. The words are those of proto/strait/errors/v1; a test holds the two together. */
export const reasonCodes = {
  FIELD_INVALID: Code.InvalidArgument,
  FIELD_UNKNOWN: Code.InvalidArgument,
  NOT_YET_SUPPORTED: Code.Unimplemented,
  BODY_MALFORMED: Code.InvalidArgument,
  BODY_TOO_LARGE: Code.ResourceExhausted,
  KEY_MISSING: Code.Unauthenticated,
  KEY_INVALID: Code.Unauthenticated,
  NOT_ALLOWED: Code.PermissionDenied,
  JOB_NOT_FOUND: Code.NotFound,
  RUN_NOT_FOUND: Code.NotFound,
  SLUG_TAKEN: Code.AlreadyExists,
  UNAVAILABLE: Code.Unavailable,
  OVERLOADED: Code.ResourceExhausted,
  NOT_IMPLEMENTED: Code.Unimplemented,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  INTERNAL: Code.Internal,
  TOO_MANY_FAILURES: Code.ResourceExhausted,
  API_KEY_NOT_FOUND: Code.NotFound,
  API_KEY_REVOKED: Code.FailedPrecondition,
  ETAG_MISMATCH: Code.Aborted,
  SERVICE_NOT_FOUND: Code.NotFound,
  JOB_GROUP_NOT_FOUND: Code.NotFound,
  ENVIRONMENT_NOT_FOUND: Code.NotFound,
  PROJECT_NOT_FOUND: Code.NotFound,
  WORKFLOW_NOT_FOUND: Code.NotFound,
  VERSION_NOT_FOUND: Code.NotFound,
  JOB_DISABLED: Code.FailedPrecondition,
  JOB_HAS_UNFINISHED_RUNS: Code.FailedPrecondition,
  ENVIRONMENT_IN_USE: Code.FailedPrecondition,
  VERSION_NOT_REACHED: Code.FailedPrecondition,
  AUDIT_EVENT_NOT_FOUND: Code.NotFound,
} as const satisfies Record<string, Code>

export type Reason = keyof typeof reasonCodes

/** One field at fault: its path as the schema names it (`job.max_attempts`) and why. */
export interface FieldViolation {
  readonly field: string
  readonly description: string
}

/** An expected "no". */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: Reason
  readonly violations: readonly FieldViolation[]
  readonly metadata: Readonly<Record<string, string>>
  /** When trying again may help, where that is known. */
  readonly retryAfterMs: number | undefined
  /** The status of REST's answer where the door knows a better one than the reason's own. */
  readonly httpStatus: number | undefined

  constructor(
    reason: Reason,
    message: string,
    more: {
      violations?: readonly FieldViolation[]
      metadata?: Readonly<Record<string, string>>
      retryAfterMs?: number
      httpStatus?: number
      cause?: unknown
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.reason = reason
    this.violations = more.violations ?? []
    this.metadata = more.metadata ?? {}
    this.retryAfterMs = more.retryAfterMs
    this.httpStatus = more.httpStatus
  }
}

/** The refusal for fields at fault; its sentence names them all. */
export function refuseFields(reason: Reason, violations: readonly FieldViolation[]): Refusal {
  return new Refusal(reason, violations.map((v) => `${v.field}: ${v.description}`).join('; '), { violations })
}

/** Why a call failed, whatever was thrown. */
export function codeOf(thrown: unknown): Code {
  return reasonCodes[asRefusal(thrown).reason]
}

/**
 * What a caller is told of anything thrown: a database out of reach may be asked again, and so may what was ended for another change; the
 * rest is a fault of ours.
 */
function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  if (isConnectionLost(thrown)) {
    return new Refusal('UNAVAILABLE', 'the database does not answer right now, try again', { cause: thrown })
  }
  if (isDeadlock(thrown)) {
    return new Refusal('UNAVAILABLE', 'another change was in the way of this one, try again', {
      cause: thrown,
    })
  }
  return new Refusal('INTERNAL', 'a fault on our side; it is logged', { cause: thrown })
}

/** What a caller is told, whatever protocol it speaks. */
export type Told = Pick<
  Refusal,
  'reason' | 'message' | 'violations' | 'metadata' | 'retryAfterMs' | 'httpStatus'
>

/**
 * What a caller gets to see of anything thrown, of bounded length. A fault of ours shows no text: the log has it. A
 * ConnectError is what a service that we called said to us: its code and its text are not meant for our caller.
 */
export function describeRefusal(thrown: unknown): Told {
  const { reason, message, metadata, violations, retryAfterMs, httpStatus } = asRefusal(thrown)
  return {
    reason,
    httpStatus,
    message: cut(message, 500),
    violations: fitting(violations),
    metadata: cutValues(metadata),
    retryAfterMs,
  }
}

/** The same as Connect and gRPC carry it. */
export function toConnectError(thrown: unknown): ConnectError {
  const { reason, message, metadata, violations, retryAfterMs } = describeRefusal(thrown)
  const info = { desc: ErrorInfoSchema, value: { reason, domain: 'strait', metadata } }
  const fieldViolations = [...violations]
  const badRequest = { desc: BadRequestSchema, value: { fieldViolations } }
  const retryInfo = { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(retryAfterMs ?? 0) } }
  const details = [
    info,
    ...(fieldViolations.length > 0 ? [badRequest] : []),
    ...(retryAfterMs === undefined ? [] : [retryInfo]),
  ]
  return new ConnectError(message, reasonCodes[reason], undefined, details)
}

/**
 * As many violations as fit. gRPC sends them in a trailer, and clients refuse a whole answer whose trailers are too large,
 * some from 8 KiB on; names and values in them may be the caller's own, of any length.
 */
function fitting(violations: readonly FieldViolation[]): FieldViolation[] {
  let room = 3_000
  const fit: FieldViolation[] = []
  for (const each of violations) {
    const violation = { field: cut(each.field, 200), description: cut(each.description, 500) }
    room -= Buffer.byteLength(violation.field + violation.description)
    if (room < 0) break
    fit.push(violation)
  }
  return fit
}

function cutValues(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, cut(value, 200)]))
}

/** A text of bounded length that every protocol can carry: half a surrogate pair is no Unicode, and some encoders throw. */
function cut(text: string, length: number): string {
  return (text.length > length ? `${text.slice(0, length - 1)}…` : text).toWellFormed()
}
