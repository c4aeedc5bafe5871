import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** The catalog's own schema; store functions take it, or a transaction on it, first. */
export type CatalogDb = Kysely<Tables>
