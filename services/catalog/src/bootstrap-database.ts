// What every bootstrap command does first and last: checks what it was given, opens the catalog's database, tries the master key on it,
// and closes it again. What goes wrong is one line that says what to do.

import { createPool } from '@strait/postgres/pool'
import { databaseProblem } from '@strait/service-kit/database-part'
import { StartError } from '@strait/service-kit/listen'
import { masterKeyProblem, readMasterKey } from './master-key.ts'
import { type CatalogDb, createCatalogDb } from './store/database.ts'
import { checkMasterKey } from './store/secrets/check-master-key.ts'

/** Where the catalog's database is, and the key that opens its secrets. */
export interface DatabaseOptions {
  readonly databaseUrl: string
  /** The deployment's master key: 32 bytes in base64. */
  readonly masterKey: string
}

const dayMs = 86_400_000
const maxDays = 36_500

/** Does something with the catalog's database, once; a StartError says what keeps it from that. */
export async function withDatabase<T>(
  options: DatabaseOptions,
  work: (db: CatalogDb, masterKey: Uint8Array) => Promise<T>,
): Promise<T> {
  refuse('DATABASE_URL', options.databaseUrl, (url) =>
    URL.canParse(url) ? undefined : 'must be a URL like postgres://user@host:5432/database',
  )
  refuse('CATALOG_MASTER_KEY', options.masterKey, masterKeyProblem)
  const masterKey = readMasterKey(options.masterKey)
  // A connection that is lost fails the statement on it, which says so.
  const onError = () => undefined
  const [url, name] = [options.databaseUrl, 'strait-bootstrap']
  const db = createCatalogDb(createPool({ url, role: 'catalog', max: 1, name, onError }))
  try {
    await checkMasterKey(db, masterKey)
    return await work(db, masterKey)
  } catch (cause) {
    const problem = databaseProblem('catalog', cause)
    throw problem === undefined ? cause : new StartError(problem, { cause })
  } finally {
    await db.destroy()
  }
}

/** Throws a StartError for a value that has a problem. */
export function refuse<T>(what: string, value: T, problemOf: (value: T) => string | undefined): void {
  const problem = problemOf(value)
  if (problem !== undefined) throw new StartError(`${what} ${problem}`)
}

/** When a key ends that shall last so many days, 1 to 36,500; undefined for one that shall never end. */
export function endAfterDays(days: number | undefined): Date | undefined {
  refuse('the number of days until the key expires', days, (given) =>
    given === undefined || (Number.isInteger(given) && given >= 1 && given <= maxDays)
      ? undefined
      : `must be a whole number of 1 to ${maxDays}`,
  )
  return days === undefined ? undefined : new Date(Date.now() + days * dayMs)
}
