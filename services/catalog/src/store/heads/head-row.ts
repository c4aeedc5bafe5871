// How heads are read: found by one statement, written as JSON by their sources, and when that was.
//
// `as_of` orders answers by the snapshots they were read in. `xmax` of a snapshot is above every transaction that had ended; of two
// snapshots the later has the greater one, or the same and fewer transactions that are still running, for below `xmax` they can only end.
// Nothing in a row could say this: a transaction id is drawn before the row is locked, so the later of two writers may have the smaller.

import { parseJson } from '@strait/domain/json/parse-json'
import { type RawBuilder, sql } from 'kysely'
import type { Head, HeadKind } from '../../domain/heads/head.ts'
import { fromStoredConfig } from '../jobs/job-row.ts'
import { headSources } from './head-sources.ts'

/** A row of a statement about heads. */
export interface HeadRow {
  kind: HeadKind
  id: string
  /** JSON text. */
  head: string
  as_of: bigint
}

// As many transactions as Postgres can have running: the count never reaches into `xmax`.
const mostRunning = 2 ** 18

/** When the statement reads, for SQL. */
export const asOf: RawBuilder<unknown> = sql`(
  select pg_snapshot_xmax(s)::text::int8 * ${sql.lit(mostRunning)} - (select count(*) from pg_snapshot_xip(s))
  from pg_current_snapshot() as s
)`

/** The head of the row `found`, by its kind, for SQL. */
export const headOfFound: RawBuilder<unknown> = byKind('head')

/** What reading it costs in bytes, for SQL. */
export const weightOfFound: RawBuilder<unknown> = byKind('weight')

function byKind(what: 'head' | 'weight'): RawBuilder<unknown> {
  const cases = headSources.map((source) => sql`when ${sql.lit(source.kind)} then (${source[what]})`)
  return sql`case found.kind ${sql.join(cases, sql` `)} end`
}

/** Reads a row. */
export function toHead({ kind, id, head }: HeadRow): Head {
  const { live, ...fields } = parseJson(head) as Record<string, unknown>
  if (kind !== 'job') return { kind, id, ...fields } as Head
  const config = fromStoredConfig(withoutNulls(live as Record<string, unknown>))
  return {
    kind,
    id,
    ...fields,
    maxConcurrency: config.maxConcurrency,
    maxConcurrencyPerKey: config.maxConcurrencyPerKey,
    rateLimitMax: config.rateLimitMax,
    rateLimitWindowSecs: config.rateLimitWindowSecs,
    rateLimitKeys: config.rateLimitKeys,
    versionPolicy: config.versionPolicy,
  } as Head
}

// A version from before a field existed has none of it, which reads as its default.
function withoutNulls(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
