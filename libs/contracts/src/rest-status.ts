// Reason → HTTP status of REST's answers. REST has more to say than the codes of gRPC do: a body that is too large, an etag
// that is not the one, a conflict. The table is closed over the reasons of the schema, so that a new one does not compile
// before somebody decided.

import type { Reason } from '@strait/contracts/errors/v1/errors_pb'

/** Every reason that is ever sent, by its word. */
export type ReasonWord = Exclude<keyof typeof Reason, 'UNSPECIFIED'>

const statuses: Readonly<Record<ReasonWord, number>> = {
  FIELD_INVALID: 400,
  FIELD_UNKNOWN: 400,
  NOT_YET_SUPPORTED: 501,
  BODY_MALFORMED: 400,
  BODY_TOO_LARGE: 413,
  KEY_MISSING: 401,
  KEY_INVALID: 401,
  NOT_ALLOWED: 403,
  JOB_NOT_FOUND: 404,
  RUN_NOT_FOUND: 404,
  SLUG_TAKEN: 409,
  UNAVAILABLE: 503,
  OVERLOADED: 429,
  // Said of doors that are not there: to a browser or curl that is "not found".
  NOT_IMPLEMENTED: 404,
  DEADLINE_EXCEEDED: 504,
  INTERNAL: 500,
  TOO_MANY_FAILURES: 429,
  API_KEY_NOT_FOUND: 404,
  API_KEY_REVOKED: 409,
  ETAG_MISMATCH: 412,
  SERVICE_NOT_FOUND: 404,
  JOB_GROUP_NOT_FOUND: 404,
  ENVIRONMENT_NOT_FOUND: 404,
  PROJECT_NOT_FOUND: 404,
  WORKFLOW_NOT_FOUND: 404,
  VERSION_NOT_FOUND: 404,
  JOB_DISABLED: 409,
  JOB_HAS_UNFINISHED_RUNS: 409,
  ENVIRONMENT_IN_USE: 409,
  VERSION_NOT_REACHED: 409,
  AUDIT_EVENT_NOT_FOUND: 404,
}

/** The HTTP status with which REST answers a reason. */
export function restStatusOf(reason: ReasonWord): number {
  return statuses[reason]
}

/** Every reason, in the order of the schema. */
export const reasonWords = Object.keys(statuses) as readonly ReasonWord[]
