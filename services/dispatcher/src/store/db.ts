import type { Pool as PgPool, PoolClient } from 'pg'

/** Where transactions get their connection. */
export type Pool = PgPool

/** Where hot statements go: prepared by name, arrays in, rows out. */
export type Db = Pick<PgPool, 'query'> | Pick<PoolClient, 'query'>
