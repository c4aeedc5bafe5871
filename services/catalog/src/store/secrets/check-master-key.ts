// Whether the master key is the one that this database's secrets were sealed with: tried on any one project, once, before
// the catalog works. A wrong key would seal new secrets that the right one never opens.

import { StartError } from '@strait/service-kit/listen'
import type { CatalogDb } from '../database.ts'
import { findAnyDataKey } from '../projects/find-projects.ts'
import { openDataKey, SealError } from './secret-box.ts'

/** Throws a StartError if the master key does not open what is stored; fails, too, where the tables are not there. */
export async function checkMasterKey(db: CatalogDb, masterKey: Uint8Array): Promise<void> {
  const project = await findAnyDataKey(db)
  if (project === undefined) return
  try {
    openDataKey(masterKey, project.id, project.dataKey)
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause
    const what = 'is not the key that the secrets in this database were encrypted with: set that one'
    throw new StartError(`CATALOG_MASTER_KEY ${what}`, { cause })
  }
}
