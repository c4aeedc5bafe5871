// Reading runs: one statement over what was asked for, what is live and how it ended, so that a run that moves is never seen twice or not at all.

import { parseJson } from '@strait/domain/json/parse-json'
import type { AttemptError } from '../domain/after-attempt.ts'
import type { AttemptOutcome, AttemptRecord, RunRecord } from '../domain/run.ts'
import type { Db } from './db.ts'

const runSql = `
  select r.*, q.status as live_status, q.due_at, q.due_at > clock_timestamp() as not_due, q.attempt as live_attempt, q.first_started_at,
         coalesce(o.resolved_version, q.resolved_version) as resolved_version,
         coalesce(o.resolved_version_id, q.resolved_version_id) as resolved_version_id,
         coalesce(o.error_class, q.error_class) as error_class, coalesce(o.error_message, q.error_message) as error_message,
         coalesce(o.error_http_status, q.error_http_status) as error_http_status,
         o.status as end_status, o.attempt as end_attempt, o.started_at as end_started_at, o.finished_at, o.result,
         a.list as attempts, q.fence as live_fence, q.started_at as live_started_at, q.endpoint_url as live_endpoint_url
  from runs r
  left join queue q on q.run_id = r.id
  left join outcomes o on o.run_id = r.id
  left join lateral (
    select json_agg(to_json(t) order by t.fence) as list from attempts t where t.run_id = r.id
  ) a on true
  where r.id = $1 and r.project_id = $2`

interface RunRow {
  readonly [column: string]: unknown
}

/** A run of a project with its attempts, oldest first and the one in flight last; undefined where the project has no such run. */
export async function findRun(
  db: Db,
  projectId: string,
  runId: string,
): Promise<{ run: RunRecord; attempts: AttemptRecord[] } | undefined> {
  const { rows } = await db.query<RunRow>({ name: 'find_run', text: runSql, values: [runId, projectId] })
  const row = rows[0]
  return row === undefined ? undefined : { run: toRun(row), attempts: toAttempts(row) }
}

function toRun(row: RunRow): RunRecord {
  const delayed = row.live_status === 'ready' && row.not_due === true
  const live = row.live_status === 'executing' ? 'executing' : delayed ? 'delayed' : 'queued'
  return {
    id: row.id as string,
    projectId: row.project_id as string,
    jobId: row.job_id as string,
    jobSlug: row.job_slug as string,
    shard: row.shard as number,
    version: row.triggered_version as number,
    versionId: row.triggered_version_id as string,
    payload: row.payload as string,
    metadata: parseJson(row.metadata as string) as Record<string, string>,
    tags: parseJson(row.tags as string) as Record<string, string>,
    idempotencyKey: optional(row.idempotency_key as string | null),
    triggeredBy: row.triggered_by as 'manual' | 'cron',
    createdBy: row.created_by as string,
    occurrence:
      row.schedule_id === null
        ? undefined
        : { scheduleId: row.schedule_id as string, nominalAt: row.nominal_at as Date },
    traceparent: row.traceparent as string,
    status: (row.end_status as RunRecord['status'] | null) ?? live,
    attempt: (row.end_attempt ?? row.live_attempt ?? 0) as number,
    resolved:
      row.resolved_version === null
        ? undefined
        : { version: row.resolved_version as number, versionId: row.resolved_version_id as string },
    result: optional(row.result as string | null),
    error:
      row.end_status === 'completed'
        ? undefined
        : toError(row.error_class, row.error_message, row.error_http_status),
    createdAt: row.created_at as Date,
    scheduledAt: row.scheduled_at as Date,
    startedAt: optional((row.end_started_at ?? row.first_started_at) as Date | null),
    finishedAt: optional(row.finished_at as Date | null),
    nextAttemptAt: delayed ? (row.due_at as Date) : undefined,
  }
}

function toAttempts(row: RunRow): AttemptRecord[] {
  const finished = ((row.attempts ?? []) as RunRow[]).map(
    (a): AttemptRecord => ({
      attempt: a.attempt as number,
      fence: a.fence as number,
      outcome: a.outcome as AttemptOutcome,
      endpointUrl: a.endpoint_url as string,
      startedAt: new Date(a.started_at as string),
      finishedAt: new Date(a.finished_at as string),
      nextAttemptAt: a.next_attempt_at === null ? undefined : new Date(a.next_attempt_at as string),
      error: toError(a.error_class, a.error_message, a.http_status),
      httpStatus: optional(a.http_status as number | null),
    }),
  )
  if (row.live_status !== 'executing') return finished
  return [
    ...finished,
    {
      attempt: row.live_attempt as number,
      fence: row.live_fence as number,
      outcome: 'in_flight',
      endpointUrl: row.live_endpoint_url as string,
      startedAt: row.live_started_at as Date,
      finishedAt: undefined,
      nextAttemptAt: undefined,
      error: undefined,
      httpStatus: undefined,
    },
  ]
}

function toError(errorClass: unknown, message: unknown, httpStatus: unknown): AttemptError | undefined {
  if (errorClass === null) return undefined
  return {
    class: errorClass as string,
    message: message as string,
    httpStatus: optional(httpStatus as number | null),
  }
}

function optional<T>(value: T | null): T | undefined {
  return value ?? undefined
}
