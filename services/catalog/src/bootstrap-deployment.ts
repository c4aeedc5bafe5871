// Keys of the deployment: bound to no project, they create projects and manage each. They are made, listed and ended here and nowhere
// else, by whoever can read the database and has the master key. The services hear no news of it: a key that was ended opens nothing
// after five seconds.

import { StartError } from '@strait/service-kit/listen'
import { type DatabaseOptions, endAfterDays, refuse, withDatabase } from './bootstrap-database.ts'
import { formatApiKey, hashApiKeySecret } from './domain/keys/api-key.ts'
import { textProblem } from './domain/text-rules.ts'
import { newApiKey } from './new-api-key.ts'
import {
  type DeploymentKey,
  insertDeploymentKey,
  listDeploymentKeys as list,
  revokeDeploymentKey as revoke,
} from './store/keys/deployment-keys.ts'

const by = 'system:bootstrap'

/** Makes a key of the deployment. Its text is not to be had a second time. */
export async function bootstrapDeployment(
  options: DatabaseOptions & {
    /** What the key is called in lists. Default: "bootstrap". */
    readonly keyName?: string
    /** In how many days the key ends, 1 to 36,500. Default: never. */
    readonly expiresInDays?: number
  },
): Promise<{ readonly apiKey: string; readonly expiresAt: Date | undefined }> {
  const { keyName: name = 'bootstrap', expiresInDays } = options
  refuse('the name of the key', name, (text) => textProblem(text, 1, 255))
  const expiresAt = endAfterDays(expiresInDays)
  return withDatabase(options, async (db) => {
    const key = newApiKey()
    const secretHash = hashApiKeySecret(key.secret)
    await insertDeploymentKey(db, { id: key.id, secretHash, name, expiresAt, createdBy: by })
    return { apiKey: formatApiKey(key), expiresAt }
  })
}

/** All keys of the deployment, newest first, ended ones among them. */
export function listDeploymentKeys(options: DatabaseOptions): Promise<readonly DeploymentKey[]> {
  return withDatabase(options, list)
}

/** Ends a key of the deployment for ever; again, it changes nothing. */
export function revokeDeploymentKey(options: DatabaseOptions & { readonly id: string }): Promise<void> {
  return withDatabase(options, async (db) => {
    if (await revoke(db, options.id, by)) return
    throw new StartError('the deployment has no such key: give the id, the middle part of its text')
  })
}
