import { createKysely } from '@strait/postgres/pool'
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** The catalog's own schema; store functions take it, or a transaction on it, first. */
export type CatalogDb = Kysely<Tables>

/** Wraps a pool whose connections run as the catalog. */
export function createCatalogDb(pool: Parameters<typeof createKysely>[0]): CatalogDb {
  return createKysely<Tables>(pool)
}
