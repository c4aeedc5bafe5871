import type { Pool, PoolClient } from 'pg'

/** Where hot statements go: prepared by name, arrays in, rows out. */
export type Db = Pick<Pool, 'query'> | Pick<PoolClient, 'query'>
