// Two pools on one database: one for users and what they ask for, one for followers, so that neither waits for the other.

import { createPool } from '@strait/postgres/pool'
import { createCatalogDb } from './database.ts'

// Calls wait for a free connection rather than open one each: ten serve some thousand small statements a second.
const maxConnections = 10
const maxHeadConnections = 4

/** Makes the pools; no connection is opened before the first statement. */
export function openDatabases(url: string, onError: (err: Error) => void) {
  const shared = { url, role: 'catalog', onError }
  const pool = createPool({ ...shared, max: maxConnections, name: 'strait-catalog' })
  const headsPool = createPool({
    ...shared,
    max: maxHeadConnections,
    name: 'strait-catalog-heads',
    // Planned for what never wants but a piece of an index.
    plan: 'index_only',
  })
  return { db: createCatalogDb(pool), headsDb: createCatalogDb(headsPool), pools: [pool, headsPool] }
}
