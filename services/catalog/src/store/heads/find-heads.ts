// Heads as they are this very moment, by id or (jobs) by name, all in one statement: whoever asks was told that they changed, or is asked
// for a job that it does not know.

import { isUuid } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { Refusal } from '@strait/service-kit/refusal'
import { sql } from 'kysely'
import type { Head } from '../../domain/heads/head.ts'
import type { CatalogDb } from '../database.ts'
import type { JobRef } from '../jobs/find-job.ts'
import { asOf, type HeadRow, headOfFound, toHead, weightOfFound } from './head-row.ts'
import { headSources } from './head-sources.ts'

/** Heads, in any order, and when they were read. */
export interface FoundHeads {
  readonly heads: readonly Head[]
  readonly asOf: bigint
}

interface FoundRow extends Omit<HeadRow, 'head'> {
  /** Null where the whole answer would be too large. */
  head: string | null
}

// One configuration stays below 3 MiB, so a question about ten jobs always has an answer.
const maxReadBytes = 32 * 2 ** 20

/** Finds heads by their ids, deleted ones too, and jobs that are not deleted by project and id or slug. */
export async function findHeads(
  db: CatalogDb,
  ids: readonly string[],
  jobs: readonly JobRef[],
): Promise<FoundHeads> {
  const { rows } = await foundHeads(ids, jobs).execute(db)
  const heads = rows.map(({ head, ...row }) => toHead({ ...row, head: head ?? tooLarge() }))
  return { heads, asOf: rows[0]?.as_of ?? 0n }
}

function foundHeads(ids: readonly string[], jobs: readonly JobRef[]) {
  const wanted = ids.filter(isUuid)
  // A slug never looks like an id, so each reference is one or the other. What is neither is no job's name.
  const refs = jobs.filter((ref) => isUuid(ref.projectId) && (isUuid(ref.job) || checkSlug(ref.job).ok))
  const projects = refs.map((ref) => ref.projectId)
  const jobIds = refs.map((ref) => (isUuid(ref.job) ? ref.job : null))
  const slugs = refs.map((ref) => (isUuid(ref.job) ? null : ref.job))
  const byId = headSources.map(
    ({ kind, table }) =>
      sql`select ${sql.lit(kind)}::text as kind, id from ${sql.table(table)} where id = any(${wanted}::uuid[])`,
  )
  return sql<FoundRow>`
    select
      found.kind, found.id, ${asOf} as as_of,
      case when found.read_bytes <= ${maxReadBytes} then (${headOfFound})::text end as head
    from (
      select found.*, sum(${weightOfFound}) over () as read_bytes
      from (
        ${sql.join(byId, sql` union all `)}
        union
        select 'job', named.id
        from unnest(${projects}::uuid[], ${jobIds}::uuid[], ${slugs}::text[]) as asked (project_id, id, slug)
        cross join lateral (
          select id from jobs where id = asked.id and project_id = asked.project_id and deleted_at is null
          union all
          select id from jobs where project_id = asked.project_id and slug = asked.slug and deleted_at is null
          offset 0
        ) as named
      ) as found
    ) as found
  `
}

function tooLarge(): never {
  throw new Refusal(
    'OVERLOADED',
    'the configurations of these jobs are too large to be read at once, ask for fewer',
  )
}
