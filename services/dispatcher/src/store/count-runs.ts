import type { Db } from './db.ts'

/** How many runs of one job are unfinished. */
export interface RunCounts {
  readonly waiting: number
  readonly executing: number
}

const sql = `
  select w.nth, count(*) filter (where q.status = 'ready')::float8 as waiting, count(*) filter (where q.status = 'executing')::float8 as executing
  from unnest($1::uuid[]) with ordinality as w (job_id, nth) join queue q on q.job_id = w.job_id
  group by w.nth`

/** Counts the unfinished runs of jobs, in their order, in one snapshot: a run that starts meanwhile is counted once. */
export async function countRuns(db: Db, jobIds: readonly string[]): Promise<RunCounts[]> {
  const { rows } = await db.query<RunCounts & { nth: string }>({
    name: 'count_runs',
    text: sql,
    values: [jobIds],
  })
  const counts = new Map(rows.map(({ nth, waiting, executing }) => [Number(nth), { waiting, executing }]))
  return jobIds.map((_, i) => counts.get(i + 1) ?? { waiting: 0, executing: 0 })
}
