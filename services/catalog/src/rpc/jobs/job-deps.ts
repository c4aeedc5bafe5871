// What the methods of JobService work with, and how they tell of what they did.

import type { JobRecord } from '../../domain/jobs/job.ts'
import type { PageTokens } from '../../domain/page-token.ts'
import type { Events, JobChangeWord } from '../../events.ts'
import type { MasterKey } from '../../store/secrets/secret-box.ts'
import type { Announce } from '../../wire/announce.ts'
import type { CountUnfinishedRuns } from '../../wire/count-unfinished-runs.ts'
import type { CheckJobDeps } from './check-job-input.ts'
import type { Turns } from './turns.ts'

/** What JobService works with. */
export interface JobDeps extends CheckJobDeps {
  readonly masterKey: MasterKey
  readonly tokens: PageTokens
  readonly announce: Announce
  readonly countUnfinishedRuns: CountUnfinishedRuns
  readonly turns: Turns
  readonly events: Pick<Events, 'jobChanged' | 'itemFailed'>
}

/** A change that was stored: what it was, and the job after it. */
export interface StoredChange {
  readonly change: JobChangeWord
  readonly job: JobRecord
}

/** Tells metrics, the log and the followers of what was stored; those who are there have taken it in when this resolves. */
export async function tellStored(
  { events, announce }: Pick<JobDeps, 'events' | 'announce'>,
  stored: readonly (StoredChange | undefined)[],
  by: string,
): Promise<void> {
  const there = stored.filter((each) => each !== undefined)
  if (there.length === 0) return
  for (const { change, job } of there) events.jobChanged(change, job, by)
  await announce('job', [...new Set(there.map(({ job }) => job.id))])
}
