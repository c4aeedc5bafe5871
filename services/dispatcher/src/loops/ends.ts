// From a decision to what is written: the row of the attempt, the event that is told, the entry that is offered again.

import { parseJson } from '@strait/domain/json/parse-json'
import { isTerminal } from '@strait/domain/run-state'
import { type AttemptError, type AttemptResult, jobDeletedError, type Next } from '../domain/after-attempt.ts'
import type { EndingRun } from '../domain/run.ts'
import type { RunEnd } from '../rpc/feed-codec.ts'
import type { End } from './finisher.ts'

function toTold(
  run: EndingRun,
  status: string,
  result: string | undefined,
  error: AttemptError | undefined,
  finishedAt: Date,
  webhookUrl: string | undefined,
): RunEnd {
  const metadata = parseJson(run.metadata) as Record<string, string>
  const tags = parseJson(run.tags) as Record<string, string>
  return { ...run, status, result, error, metadata, tags, webhookUrl, finishedAt }
}

/** Puts together what the end of a run writes that waits and whose job was deleted. */
export function toCanceledEnd(run: EndingRun, nowMs: number, webhookUrl: string | undefined): End {
  const finishedAt = new Date(nowMs)
  return {
    finish: {
      runId: run.runId,
      fence: run.fence,
      holder: undefined,
      to: 'cancel',
      outcome: undefined,
      status: 'canceled',
      result: undefined,
      errorClass: jobDeletedError.class,
      errorMessage: jobDeletedError.message,
      httpStatus: undefined,
      finishedAt,
      dueAt: undefined,
    },
    told: toTold(run, 'canceled', undefined, jobDeletedError, finishedAt, webhookUrl),
    again: undefined,
  }
}

/** Puts together what the end of an attempt writes. `webhookUrl` is the one of the run's version. */
export function toEnd(
  run: EndingRun,
  holder: string,
  result: AttemptResult,
  next: Next,
  nowMs: number,
  webhookUrl: string | undefined,
): End {
  const terminal = next.to !== 'retry' && next.to !== 'given_back' && isTerminal(next.to)
  const error = next.to === 'completed' || next.to === 'given_back' ? undefined : next.error
  const finishedAt = new Date(nowMs)
  const dueAtMs = next.to === 'retry' ? next.dueAtMs : nowMs
  const attempt = next.to === 'given_back' ? run.attempt - 1 : run.attempt
  return {
    finish: {
      runId: run.runId,
      fence: run.fence,
      holder,
      to: terminal ? 'end' : next.to === 'retry' ? 'retry' : 'given_back',
      outcome: result.kind,
      status: terminal ? next.to : undefined,
      result: next.to === 'completed' ? next.result : undefined,
      errorClass: error?.class,
      errorMessage: error?.message.slice(0, 1024),
      httpStatus: result.kind === 'succeeded' ? result.httpStatus : error?.httpStatus,
      finishedAt,
      dueAt: terminal ? undefined : new Date(dueAtMs),
    },
    told: terminal
      ? toTold(run, next.to, next.to === 'completed' ? next.result : undefined, error, finishedAt, webhookUrl)
      : undefined,
    again: terminal
      ? undefined
      : {
          runId: run.runId,
          projectId: run.projectId,
          jobId: run.jobId,
          shard: run.shard,
          version: run.version,
          dueAtMs,
          fence: run.fence,
          attempt,
        },
  }
}
