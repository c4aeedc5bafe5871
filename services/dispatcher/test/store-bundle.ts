// What the store's tests begin with: a database of their own, pools as the service has them, and builders of rows.

import { newUuidv7 } from '@strait/domain/ids'
import { shardOf } from '@strait/domain/shard'
import { createPool } from '@strait/postgres/pool'
import { createTestDatabase } from '@strait/testkit/test-database'
import type { Pool } from 'pg'
import type { JobConfig } from '../src/domain/job-config.ts'
import type { NewRun } from '../src/domain/run.ts'
import { insertDispatcher } from '../src/store/dispatchers.ts'
import type { Finish } from '../src/store/finish-attempts.ts'
import { insertRuns } from '../src/store/insert-runs.ts'
import type { Start, Started } from '../src/store/start-attempts.ts'

export const jobId = '01890000-0000-7000-8000-00000000000a'
export const shard = shardOf(jobId)

export interface StoreBundle extends AsyncDisposable {
  /** Connections as the starts and ends have them. */
  readonly hot: Pool
  readonly db: Pool
  count(table: string, where?: string): Promise<number>
  /** A living incarnation. */
  living(leaseMs?: number): Promise<string>
  /** Stored runs that wait. */
  waiting(count: number): Promise<NewRun[]>
}

/** A fresh bundle. */
export async function setup(): Promise<StoreBundle> {
  const database = await createTestDatabase()
  const options = { url: database.url, role: 'dispatcher', name: 'test', onError: () => undefined }
  const hot = createPool({ ...options, max: 3, plan: 'index_only' })
  const db = createPool({ ...options, max: 8 })
  return {
    hot,
    db,
    async count(table, where = 'true') {
      const { rows } = await db.query<{ n: number }>(
        `select count(*)::int4 as n from ${table} where ${where}`,
      )
      return rows[0]?.n ?? 0
    },
    async living(leaseMs = 60_000) {
      const execId = newUuidv7()
      await insertDispatcher(db, execId, leaseMs)
      return execId
    },
    async waiting(count) {
      const runs = Array.from({ length: count }, () => aNewRun())
      await insertRuns(db, runs, undefined)
      return runs
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([hot.end(), db.end()])
      await database.drop()
    },
  }
}

/** A run about to be stored. */
export function aNewRun(over: Partial<NewRun> = {}): NewRun {
  return {
    id: newUuidv7(),
    projectId: '01890000-0000-7000-8000-000000000001',
    jobId,
    jobSlug: 'job',
    shard,
    version: 1,
    versionId: 'ver_0000000001',
    payload: '{}',
    metadata: {},
    tags: {},
    idempotencyKey: undefined,
    triggeredBy: 'manual',
    createdBy: 'apikey:test',
    occurrence: undefined,
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
    ...over,
  }
}

/** A version of the job on which all acts. */
export function aJobConfig(over: Partial<JobConfig> = {}): JobConfig {
  return {
    jobId,
    projectId: '01890000-0000-7000-8000-000000000001',
    slug: 'job',
    version: 1,
    versionId: 'ver_0000000001',
    endpointUrl: 'http://127.0.0.1/',
    timeoutSecs: 1,
    maxAttempts: 3,
    retry: { strategy: 'fixed', delaysSecs: [] },
    webhookUrl: undefined,
    defaultRunMetadata: {},
    tags: {},
    notYetActing: { always: [], byCron: [] },
    ...over,
  }
}

/** A start of a run that stands at a fence. */
export function aStart(run: Pick<NewRun, 'id'>, over: Partial<Start> = {}): Start {
  return {
    runId: run.id,
    fence: 0,
    timeoutMs: 1_000,
    version: 1,
    versionId: 'ver_0000000001',
    endpointUrl: 'http://127.0.0.1/',
    ...over,
  }
}

/** The successful end of a started attempt. */
export function aFinish(run: Started, holder: string, over: Partial<Finish> = {}): Finish {
  return {
    runId: run.runId,
    fence: run.fence,
    holder,
    to: 'end',
    outcome: 'succeeded',
    status: 'completed',
    result: '{}',
    errorClass: undefined,
    errorMessage: undefined,
    httpStatus: 200,
    finishedAt: new Date(),
    dueAt: undefined,
    ...over,
  }
}
