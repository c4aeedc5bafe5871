import { createPool } from '@strait/postgres/pool'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { onTestFinished } from 'vitest'
import { chainAudit, findProjectsToChain, measureUnchained } from '../src/store/audit/chain-audit.ts'
import { type AuditEntry, recordAudit } from '../src/store/audit/record-audit.ts'
import type { CatalogDb } from '../src/store/database.ts'
import type { StoreBundle } from './store-bundle.ts'

export const manyAtOnce = { maxEntries: 5_000, maxBytes: 64 * 1024 * 1024 }

/** An entry that says nothing in particular. */
export function anEntry(projectId: string, over: Partial<AuditEntry> = {}): AuditEntry {
  return {
    projectId,
    actor: 'system:test',
    action: 'job.updated',
    resourceId: 'a-job',
    before: '{"n": 1.0}',
    after: '{"n": 2.0}',
    ...over,
  }
}

/** Records entries, each in a transaction of its own. */
export async function record(
  db: CatalogDb,
  projectId: string,
  count: number,
  over: (nth: number) => Partial<AuditEntry> = () => ({}),
): Promise<void> {
  for (let nth = 1; nth <= count; nth++) await recordAudit(db, [anEntry(projectId, over(nth))])
}

/** Chains everything, as soon as the other tests' transactions let it. */
export async function chainAll(db: CatalogDb): Promise<void> {
  await waitFor(
    async () => {
      for (const projectId of await findProjectsToChain(db, 1_000))
        await chainAudit(db, projectId, manyAtOnce)
      return (await measureUnchained(db)).entries === 0
    },
    { what: 'every entry to be chained', timeoutMs: 20_000 },
  )
}

/** The chain of a project, as positions and ids, in its order. */
export async function chainOf(db: CatalogDb, projectId: string) {
  const { rows } = await sql<{
    id: string
    position: number
    previous_hash: string
    hash: string
    after: string
  }>`
    select id, position::int4 as position, encode(previous_hash, 'hex') as previous_hash, encode(hash, 'hex') as hash, after
    from audit_events where project_id = ${projectId} and position is not null order by position
  `.execute(db)
  return rows
}

/** Does what nobody may: as the superuser, past every trigger, foreign key and check of the log. */
export async function tamper({ database }: StoreBundle, ...statements: readonly string[]): Promise<void> {
  const onError = () => undefined
  const pool = createPool({ url: database.url, max: 1, name: 'catalog-test-tamper', onError })
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('set local session_replication_role = replica')
    await client.query('set local search_path = catalog')
    for (const statement of statements) await client.query(statement)
    await client.query('commit')
  } finally {
    client.release()
    await pool.end()
  }
}

/** A transaction that is open until it is ended, and may have written. */
export async function openTransaction({ database }: StoreBundle) {
  const pool = createPool({ url: database.url, max: 1, name: 'catalog-test-open', onError: () => undefined })
  const client = await pool.connect()
  let release: ((destroy?: boolean) => void) | undefined = (destroy) => client.release(destroy)
  onTestFinished(async () => {
    release?.(true)
    await pool.end()
  })
  await client.query('begin')
  await client.query('set local idle_in_transaction_session_timeout = 0')
  await client.query('set local search_path = catalog')
  return {
    query: (text: string, values?: unknown[]) => client.query(text, values),
    async end() {
      await client.query('commit')
      release?.()
      release = undefined
    },
  }
}
