import type { Kysely, Transaction } from 'kysely'

/** Where statements go: they are SQL with arrays in and rows out, so no table is typed. */
export type Db = Kysely<unknown>

/** A transaction; what must share its fate asks for this and not for any connection. */
export type Trx = Transaction<unknown>
