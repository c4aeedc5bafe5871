// What an endpoint's answer means: the table of answers, and what becomes the run's result.

import { parseJson } from '@strait/domain/json/parse-json'
import { parseRetryAfter } from '@strait/domain/retry-after'
import type { AttemptResult } from './after-attempt.ts'

/** An endpoint's whole answer. */
export interface Answer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
  /** Whether the body was longer than is read. */
  readonly truncated: boolean
}

const retryableStatuses = new Set([408, 425, 429])
const utf8 = new TextDecoder('utf-8')

/** Reads an answer. `nowMs` serves a Retry-After that names a date. */
export function readAnswer(answer: Answer, nowMs: number): AttemptResult {
  const { status } = answer
  if (status === 202) {
    return failed(
      status,
      'accepted',
      'the endpoint answered 202 to report later, which this release does not take',
    )
  }
  if (status >= 200 && status < 300) {
    if (answer.truncated) return failed(status, 'result_too_large', 'the answer is longer than 1 MiB')
    return { kind: 'succeeded', httpStatus: status, result: resultOf(answer.body) }
  }
  if (header(answer, 'x-strait-no-retry')?.toLowerCase() === 'true') {
    return failed(status, 'http_status', `the endpoint answered ${status} and asked not to be called again`)
  }
  if (retryableStatuses.has(status) || status >= 500) {
    const retryAfter = header(answer, 'retry-after')
    return {
      kind: 'retryable',
      error: { class: 'http_status', message: `the endpoint answered ${status}`, httpStatus: status },
      retryAfterMs: retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, new Date(nowMs)),
    }
  }
  return failed(status, 'http_status', `the endpoint answered ${status}`)
}

function failed(httpStatus: number, errorClass: string, message: string): AttemptResult {
  return { kind: 'failed', error: { class: errorClass, message, httpStatus } }
}

function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** JSON as it came, other text as a JSON string, nothing as null. NUL is not storable as text and is shown escaped anyway. */
function resultOf(body: Uint8Array): string {
  if (body.length === 0) return 'null'
  const text = utf8.decode(body)
  try {
    parseJson(text)
    return text
  } catch {
    return JSON.stringify(text)
  }
}
