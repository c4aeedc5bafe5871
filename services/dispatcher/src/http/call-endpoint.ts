// The call: POST the payload byte for byte, and say what came of it.

import type { Egress, EgressResult } from '@strait/egress/client'
import type { AttemptResult } from '../domain/after-attempt.ts'
import { readAnswer } from '../domain/answer.ts'
import type { Started } from '../store/start-attempts.ts'

/** One call of an endpoint. */
export interface EndpointCall {
  readonly run: Started
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Asked where the request is about to be written; false gives the attempt back unsent. */
  readonly mayStillSend: () => boolean
}

/** Calls an endpoint. Undefined: the call was aborted by ourselves, and its end is for somebody else to record. */
export async function callEndpoint(egress: Egress, call: EndpointCall): Promise<AttemptResult | undefined> {
  const { run, timeoutMs } = call
  const result = await egress.request({
    method: 'POST',
    url: run.endpointUrl,
    body: run.payload,
    timeoutMs,
    signal: call.signal,
    beforeSend: call.mayStillSend,
    headers: {
      'content-type': 'application/json',
      'x-strait-run-id': run.runId,
      'x-strait-job-id': run.jobId,
      'x-strait-job-slug': run.jobSlug,
      'x-strait-attempt': String(run.attempt),
      'x-strait-deadline': String(Date.now() + timeoutMs),
      'x-strait-fence': String(run.fence),
      'idempotency-key': run.runId,
      traceparent: run.traceparent,
    },
  })
  return read(result, timeoutMs)
}

function read(result: EgressResult, timeoutMs: number): AttemptResult | undefined {
  if (result.kind === 'response') return readAnswer(result, Date.now())
  if (result.kind === 'not_sent') return { kind: 'unsent' }
  const message = result.message.replaceAll('\0', '').slice(0, 1024)
  switch (result.class) {
    case 'aborted':
      return undefined
    case 'timeout':
      return {
        kind: 'timed_out',
        error: { class: 'timeout', message: `no whole answer within ${timeoutMs} ms` },
      }
    case 'blocked':
      return { kind: 'failed', error: { class: 'blocked', message } }
    case 'dns':
    case 'connect':
    case 'tls':
    case 'network':
    case 'protocol':
      return { kind: 'retryable', error: { class: result.class, message } }
    default:
      return result.class satisfies never
  }
}
