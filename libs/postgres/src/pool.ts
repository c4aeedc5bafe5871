// Every connection to Postgres is made here, so that each one runs as its service's role and is bounded.
//
// Role and search_path travel in the startup packet: a connection is never usable before they hold, there is no
// extra round trip, and RESET returns to them. A pooler between us and Postgres has to pass `options` through.
//
// Types: int8 is a bigint (exact; ask for `::int4` where a number is wanted), timestamptz is a Date (milliseconds:
// never compare a stored microsecond with a Date that was read before), xid8 and numeric stay text, json and jsonb are
// parsed with the keys that they have, which the driver's own parser does not do.

import { parseJson } from '@strait/domain/json/parse-json'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { assertServiceName } from './service-name.ts'

export interface PoolOptions {
  readonly url: string
  /** The service's role, and by that its schema; without it the login itself, with its own search_path. */
  readonly role?: string
  /** The most connections this pool opens. */
  readonly max: number
  /** The application_name seen in pg_stat_activity. */
  readonly name: string
  /** `index_only` is for hot statements that find every row by an index. */
  readonly plan?: Plan
  /** 0 means none. */
  readonly statementTimeoutMs?: number
  /** Told when a connection is lost while nobody waits for an answer on it. */
  readonly onError: (error: Error) => void
}

export type Plan = 'default' | 'index_only'

const idleInTransactionTimeoutMs = 5_000
const connectTimeoutMs = 5_000
const idleConnectionMs = 60_000

// A named statement planned while its table was empty keeps that plan, a sequential scan with a hash join, for as
// long as its connection lives: Postgres spent 590 µs instead of 182 µs a row at 20,000 rows, and more with each row.
// Where nothing but an index nested loop is ever right, the other plans are forbidden and the plan is made once.
const settings: Record<Plan, readonly string[]> = {
  // A forbidden plan that is used all the same is priced so high that it would be compiled, for 100 ms and more.
  default: ['jit=off'],
  index_only: [
    'jit=off',
    'enable_seqscan=off',
    'enable_hashjoin=off',
    'enable_mergejoin=off',
    'enable_bitmapscan=off',
    'plan_cache_mode=force_generic_plan',
  ],
}

const { INT8: int8, JSON: json, JSONB: jsonb } = pg.types.builtins
const int8Array = 1016 as typeof int8 // The driver's table of names leaves arrays out.
const parsers = new Map<number, (text: string) => unknown>([
  [int8, BigInt],
  [json, parseJson],
  [jsonb, parseJson],
  [
    int8Array,
    (text) =>
      pg.types
        .getTypeParser(int8Array)(text)
        .map((each: string | null) => each && BigInt(each)),
  ],
])

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    (format === 'binary' ? undefined : parsers.get(oid)) ?? pg.types.getTypeParser(oid, format),
}

/** Makes a pool whose connections run as `role`, with bounds on statements, idle transactions and connecting. */
export function createPool(options: PoolOptions): pg.Pool {
  const { url, role, max, name, plan = 'default', statementTimeoutMs = 5_000, onError } = options
  if (role !== undefined) assertServiceName(role)
  const wanted = [...settings[plan], ...(role === undefined ? [] : [`role=${role}`, `search_path=${role}`])]
  const pool = new pg.Pool({
    ...connectionTo(url, wanted),
    max,
    application_name: name,
    statement_timeout: statementTimeoutMs,
    // The server's own time-out answers first; this one is for a server that no longer answers at all.
    query_timeout: statementTimeoutMs === 0 ? undefined : statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleConnectionMs,
    keepAlive: true,
    types,
  })
  pool.on('error', onError)
  pool.on('connect', (client) =>
    client.on('error', () => {
      // Between two statements of a transaction nothing else listens, and an error nobody listens to ends the process.
      // Whoever holds the connection learns of the loss from the next statement.
    }),
  )
  return pool
}

/** Wraps a pool for Kysely; the pool stays the caller's to end. */
export function createKysely<DB>(pool: pg.Pool): Kysely<DB> {
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })
}

// Options in the URL would silently replace ours, the role among them. They are kept, and ours come last and win.
function connectionTo(url: string, wanted: readonly string[]): pg.ClientConfig {
  if (!URL.canParse(url))
    throw new Error('the database URL is not a URL like postgres://user@host:5432/database')
  const parsed = new URL(url)
  const theirs = parsed.searchParams.getAll('options')
  parsed.searchParams.delete('options')
  const options = [...theirs, ...wanted.map((setting) => `-c ${setting}`)].join(' ')
  return { connectionString: parsed.href, options }
}
