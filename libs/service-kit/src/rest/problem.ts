// How REST says no: a problem of RFC 9457 with the same reason, sentence and fields that the other protocols carry.

import { STATUS_CODES } from 'node:http'
import { restStatusOf } from '@strait/contracts/rest-status'
import { describeRefusal } from '../refusal.ts'
import type { Response } from '../rpc/http-types.ts'

/** A problem and the status that it is answered with. */
export interface Problem {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** What a caller gets to see of anything thrown. The status is the reason's own unless the door knows a better one. */
export function toProblem(thrown: unknown, status?: number): Problem {
  const { reason, message, violations, metadata, retryAfterMs, httpStatus } = describeRefusal(thrown)
  const answered = status ?? httpStatus ?? restStatusOf(reason)
  const body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[answered] ?? 'Error',
    status: answered,
    detail: message,
    reason,
    ...(violations.length > 0 && { violations }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  })
  const headers: Record<string, string> = {}
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1_000))
  if (answered === 401) headers['www-authenticate'] = 'Bearer'
  return { status: answered, body, headers }
}

/** Answers with a problem. */
export function sendProblem(response: Response, thrown: unknown, status?: number): void {
  const problem = toProblem(thrown, status)
  response
    .writeHead(problem.status, {
      ...problem.headers,
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(problem.body),
    })
    .end(problem.body)
}
