// The steps from versions of jobs to the next ones, up to and with the first that cannot serve the runs of the one before it.
//
// Versions are numbered without a gap, so two numbers say it all: where the first breaking version is, found in the order of the
// primary key, and where the newest one is. The steps themselves are written from these.

import { isUuid } from '@strait/domain/ids'
import type { VersionStep } from '@strait/domain/resolve-version'
import { Refusal } from '@strait/service-kit/refusal'
import { sql } from 'kysely'
import type { CatalogDb } from '../database.ts'
import type { JobVersionRef } from './find-job-versions.ts'

// A job changed a hundred times a day has so many after seven years.
const maxSteps = 250_000

/** Answers in the order of the references; no steps for a job that does not exist. */
export async function listVersionSteps(
  db: CatalogDb,
  refs: readonly JobVersionRef[],
): Promise<readonly (readonly VersionStep[])[]> {
  const ids = refs.map((ref) => (isUuid(ref.jobId) ? ref.jobId : null))
  const versions = refs.map((ref) => Math.max(ref.version, 0))
  const { rows } = await sql<{ nth: number; newest: number; breaking: number | null }>`
    select asked.nth::int4 as nth, j.version as newest, (
      select version from job_versions
      where job_id = j.id and version > asked.version and not compatible
      order by version
      limit 1
    ) as breaking
    from unnest(${ids}::uuid[], ${versions}::int4[]) with ordinality as asked (job_id, version, nth)
    join jobs as j on j.id = asked.job_id
  `.execute(db)
  const last = new Map(rows.map(({ nth, newest, breaking }) => [nth, { to: breaking ?? newest, breaking }]))
  const counts = versions.map((from, index) => Math.max(0, (last.get(index + 1)?.to ?? 0) - from))
  const total = counts.reduce((sum, count) => sum + count, 0)
  // One job alone always has an answer.
  if (refs.length > 1 && total > maxSteps)
    throw new Refusal(
      'OVERLOADED',
      `the answer would have more than ${maxSteps} steps, ask for fewer jobs at once`,
    )
  return counts.map((count, index) =>
    Array.from({ length: count }, (_, step) => {
      const version = (versions[index] as number) + step + 1
      return { version, compatible: version !== last.get(index + 1)?.breaking }
    }),
  )
}
