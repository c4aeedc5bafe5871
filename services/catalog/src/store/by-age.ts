// Pages of a list, newest first. A page begins after a place, not at a number: what is made meanwhile stands before the first page
// and moves nothing. A place carries the time of creation as Postgres has it, to the microsecond, as text: a Date would lose what
// tells two rows of one millisecond apart.

import { type RawBuilder, sql } from 'kysely'

/** The last row of a page: when it was created, to the microsecond, and its id. */
export interface PlaceByAge {
  readonly createdAt: string
  readonly id: string
}

/** A page of things. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Where the next page begins; undefined after the last one. */
  readonly next: PlaceByAge | undefined
}

/** The column by which `toPage` knows the place of a row. */
export const placeColumn = sql`
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at_text
`

/** What is older than a place; everything without one. */
export function olderThan(after: PlaceByAge | undefined): RawBuilder<unknown> {
  if (after === undefined) return sql`true`
  return sql`(created_at, id) < (${after.createdAt}::timestamptz, ${after.id})`
}

/** A page out of rows of which one more than the limit was asked for. */
export function toPage<R extends { readonly id: string; readonly created_at_text: string }, T>(
  rows: readonly R[],
  limit: number,
  read: (row: R) => T,
): Page<T> {
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return { items: page.map(read), next: last && { createdAt: last.created_at_text, id: last.id } }
}
