import type { QueryExecutorProvider } from 'kysely'

/** A Kysely transaction over any tables: what must share another write's fate asks for this, not for a connection. */
export interface OpenTransaction extends QueryExecutorProvider {
  readonly isTransaction: true
}
