// Changes the master key while catalogs serve: they are told both keys first (docs/keys-at-rest.md), then this command seals the data key
// of every project with the new one. Before it writes anything it opens all of them: one that neither key opens is a backup or a
// deployment of other keys, and nothing is touched.

import { createPool } from '@strait/postgres/pool'
import { databaseProblem } from '@strait/service-kit/database-part'
import { StartError } from '@strait/service-kit/listen'
import { masterKeyProblem, readMasterKey } from './master-key.ts'
import { createCatalogDb } from './store/database.ts'
import { findUnopenable, type Rewrapped, rewrapDataKeys } from './store/secrets/rewrap-data-keys.ts'

/** Which keys, and where. Both keys are 32 bytes in base64. */
export interface RewrapOptions {
  readonly databaseUrl: string
  /** Opens what is stored. */
  readonly masterKey: string
  /** Seals it anew. */
  readonly newMasterKey: string
}

const idsNamed = 5
// Whoever changes a project holds it for a moment; there is nobody whom waiting for that holds up.
const statementTimeoutMs = 60_000

/** Seals every project's data key with the new master key; a StartError says what keeps it from that. */
export async function rewrap({ databaseUrl, masterKey, newMasterKey }: RewrapOptions): Promise<Rewrapped> {
  for (const [name, key] of [
    ['CATALOG_MASTER_KEY', masterKey],
    ['CATALOG_NEW_MASTER_KEY', newMasterKey],
  ] as const) {
    const problem = masterKeyProblem(key)
    if (problem !== undefined) throw new StartError(`${name} ${problem}`)
  }
  if (masterKey === newMasterKey) throw new StartError('CATALOG_NEW_MASTER_KEY is the CATALOG_MASTER_KEY')
  if (!URL.canParse(databaseUrl))
    throw new StartError('DATABASE_URL must be a URL like postgres://user@host:5432/database')

  const keys = readMasterKey(newMasterKey, masterKey)
  // A connection that is lost fails the statement on it, which says so.
  const onError = () => undefined
  const db = createCatalogDb(
    createPool({
      url: databaseUrl,
      role: 'catalog',
      max: 1,
      name: 'strait-rewrap',
      statementTimeoutMs,
      onError,
    }),
  )
  try {
    const wrong = await findUnopenable(db, keys, idsNamed)
    if (wrong.length > 0)
      throw new StartError(
        `neither CATALOG_MASTER_KEY nor CATALOG_NEW_MASTER_KEY opens the secrets of project ${wrong.join(', ')}: nothing was changed`,
      )
    return await rewrapDataKeys(db, keys)
  } catch (cause) {
    const problem = databaseProblem('catalog', cause)
    throw problem === undefined ? cause : new StartError(problem, { cause })
  } finally {
    await db.destroy()
  }
}
