// `npm run rewrap-keys`: seals the secrets of all projects under CATALOG_NEW_MASTER_KEY in the place of CATALOG_MASTER_KEY. May be stopped
// at any time and run again.

import { StartError } from '@strait/service-kit/listen'
import { readKey, readVariable } from './command-variables.ts'
import { rewrap } from './rewrap.ts'

try {
  const { sealed, alreadySealed } = await rewrap({
    databaseUrl: readVariable(process.env, 'DATABASE_URL', 'Postgres, as a postgres:// URL'),
    masterKey: readKey(
      process.env,
      'CATALOG_MASTER_KEY',
      'the key that the secrets were encrypted with, 32 bytes in base64',
    ),
    newMasterKey: readKey(
      process.env,
      'CATALOG_NEW_MASTER_KEY',
      'the key to take its place, 32 bytes in base64',
    ),
  })
  console.log(`projects sealed with the new key ${sealed}`)
  console.log(`projects that were before ${alreadySealed}`)
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
}
