// What must hold of every run whatever happened to the processes that worked on it. Called at the end of every story and every fault.

import type pg from 'pg'
import { expect } from 'vitest'

const checks: Readonly<Record<string, string>> = {
  'a run is either live or ended, never both and never neither': `
    select r.id from dispatcher.runs r
    left join dispatcher.queue q on q.run_id = r.id left join dispatcher.outcomes o on o.run_id = r.id
    where (q.run_id is null) = (o.run_id is null)`,
  'attempts that count are numbered without a gap': `
    select run_id from dispatcher.attempts where outcome <> 'unsent'
    group by run_id having max(attempt) <> count(*) or min(attempt) <> 1`,
  'no attempt begins before the one before it ended': `
    select run_id from (
      select run_id, started_at, lag(finished_at) over (partition by run_id order by fence) as before from dispatcher.attempts
    ) a where started_at < before - interval '5 ms'`,
  'a run that ended has as many attempts as it says': `
    select o.run_id from dispatcher.outcomes o
    where o.attempt <> (select count(*) from dispatcher.attempts a where a.run_id = o.run_id and a.outcome <> 'unsent')`,
  'only the last attempt of a completed run succeeded': `
    select o.run_id from dispatcher.outcomes o join dispatcher.attempts a using (run_id)
    where (o.status = 'completed') <> (a.outcome = 'succeeded')
      and a.fence = (select max(fence) from dispatcher.attempts l where l.run_id = o.run_id)`,
  'an occurrence is one run at most': `
    select schedule_id::text from dispatcher.runs where schedule_id is not null
    group by schedule_id, nominal_at having count(*) > 1`,
}

/** Holds the whole database to the invariants. */
export async function assertRunHistory(sql: pg.Pool): Promise<void> {
  for (const [invariant, query] of Object.entries(checks)) {
    const { rows } = await sql.query(query)
    expect(rows, invariant).toEqual([])
  }
}
