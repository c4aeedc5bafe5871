import { createKysely, createPool } from '@strait/postgres/pool'
import { createDatabasePart } from '@strait/service-kit/database-part'
import type { Part } from '@strait/service-kit/part'
import { sql } from 'kysely'
import type { Db } from './db.ts'

/** The service's connections, and the part that opens and ends them. */
export function openDatabase(options: {
  readonly url: string
  /** The most connections. */
  readonly max: number
  readonly onError: (error: Error) => void
}): { readonly db: Db; readonly part: Part } {
  const pool = createPool({ ...options, role: 'notifier', name: 'strait-notifier' })
  const db = createKysely<unknown>(pool)
  const probe = () => sql`select from deliveries limit 0`.execute(db)
  return { db, part: createDatabasePart({ service: 'notifier', pools: [pool], probe }) }
}
