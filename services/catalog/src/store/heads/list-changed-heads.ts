// What is new to a follower of the catalog: heads of every kind, in the order of the transactions that changed them last.
//
// Read are only rows whose transaction lies below every transaction still open, so nothing can commit behind the place where a reader
// stopped. A head that changes again moves to the end: it may be read twice, it is never skipped.
//
// Who begins knows nothing, and need not hear of what was deleted before: its cursor carries the bound that held when it began, and up to
// there deleted heads are left out. What is deleted while it reads lies above the bound.
//
// Each kind is read along its index by change and merged with the others, so a page touches its own rows and one more of each kind.

import { oldestOpenXid } from '@strait/postgres/xid-cursor'
import { type RawBuilder, sql } from 'kysely'
import type { Head } from '../../domain/heads/head.ts'
import type { CatalogDb } from '../database.ts'
import { asOf, type HeadRow, headOfFound, toHead, weightOfFound } from './head-row.ts'
import { type HeadSource, headSources } from './head-sources.ts'

/** The last head that was read: the transaction that changed it, as decimal text, and its id. */
export interface HeadCursor {
  readonly xid: string
  readonly id: string
  /** Below this transaction nothing deleted is told; undefined for a reader that is past it. */
  readonly begunAt: string | undefined
}

/** What changed after a cursor. */
export interface ChangedHeads {
  readonly heads: readonly Head[]
  /** Undefined as long as there is nothing at all. */
  readonly next: HeadCursor | undefined
  readonly more: boolean
  /** Orders this answer among others. */
  readonly asOf: bigint
}

/** How much one page may be: what is answered, and what is read for it. */
export interface PageBounds {
  readonly answerBytes: number
  readonly readBytes: number
}

const usualBounds: PageBounds = { answerBytes: 4 * 2 ** 20, readBytes: 32 * 2 ** 20 }
const lowest = { xid: '0', id: '00000000-0000-0000-0000-000000000000' }

/** Reads a page of at most `limit` heads after a cursor, or from the beginning; a first head larger than a page may be comes alone. */
export async function listChangedHeads(
  db: CatalogDb,
  after: HeadCursor | undefined,
  limit: number,
  bounds: PageBounds = usualBounds,
): Promise<ChangedHeads> {
  const { rows } = await changedHeads(after, limit, bounds).execute(db)
  const page = withinBytes(rows, bounds.answerBytes)
  const last = page.at(-1)
  if (last === undefined) return { heads: [], next: after, more: false, asOf: 0n }
  const more = last.ahead > last.nth
  const isPast = !more || last.begun_at === null || BigInt(last.xid) >= BigInt(last.begun_at)
  return {
    heads: page.map(toHead),
    next: { xid: last.xid, id: last.id, begunAt: isPast ? undefined : (last.begun_at ?? undefined) },
    more,
    asOf: last.as_of,
  }
}

interface ChangedRow extends HeadRow {
  xid: string
  begun_at: string | null
  nth: number
  ahead: number
}

/** The statement alone, so that a test can ask for its plan. */
export function changedHeads(
  after: HeadCursor | undefined,
  limit: number,
  { readBytes }: PageBounds = usualBounds,
) {
  const { xid, id } = after ?? lowest
  const begunAt = after === undefined ? oldestOpenXid : sql`${after.begunAt ?? null}::xid8`
  const ofSource = ({ kind, table, isDeletable }: HeadSource): RawBuilder<unknown> => sql`
    (
      select ${sql.lit(kind)}::text as kind, id, changed from ${sql.table(table)}
      where (changed, id) > (${xid}::xid8, ${id}::uuid) and changed < ${oldestOpenXid}
      ${isDeletable ? toldIfDeleted(after) : sql``}
      order by changed, id
      limit ${limit + 1}
    )
  `
  return sql<ChangedRow>`
    select
      found.kind, found.id, found.changed::text as xid, ${begunAt}::text as begun_at, ${asOf} as as_of,
      found.nth::int4, found.ahead::int4, (${headOfFound})::text as head
    from (
      select found.*, sum(${weightOfFound}) over so_far as read_bytes, row_number() over so_far as nth, count(*) over () as ahead
      from (
        ${sql.join(headSources.map(ofSource), sql` union all `)}
        order by changed, id
        limit ${limit + 1}
      ) as found
      window so_far as (order by found.changed, found.id rows unbounded preceding)
    ) as found
    where found.nth <= ${limit} and (found.nth = 1 or found.read_bytes <= ${readBytes})
    order by found.nth
  `
}

function toldIfDeleted(after: HeadCursor | undefined): RawBuilder<unknown> {
  if (after === undefined) return sql`and deleted_at is null`
  if (after.begunAt === undefined) return sql``
  return sql`and (deleted_at is null or changed >= ${after.begunAt}::xid8)`
}

const bytesOfFields = 200

function withinBytes(rows: readonly ChangedRow[], maxBytes: number): readonly ChangedRow[] {
  let bytes = 0
  const tooMany = rows.findIndex(({ head }, nth) => {
    bytes += head.length + bytesOfFields
    return nth > 0 && bytes > maxBytes
  })
  return tooMany === -1 ? rows : rows.slice(0, tooMany)
}
