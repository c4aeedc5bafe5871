// Which runs are there already, for those who would refuse to make them anew.

import type { Db } from './db.ts'

/** Those of these run ids that name a run. */
export async function findExistingRuns(db: Db, runIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>({
    name: 'existing_runs',
    text: 'select id from runs where id = any($1::uuid[])',
    values: [runIds],
  })
  return new Set(rows.map((row) => row.id))
}

/** The run that an idempotency key of a job stands for. */
export async function findRunByKey(
  db: Db,
  jobId: string,
  idempotencyKey: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ run_id: string }>({
    name: 'run_by_key',
    text: 'select run_id from dedup where job_id = $1 and key = $2',
    values: [jobId, `k:${idempotencyKey}`],
  })
  return rows[0]?.run_id
}
