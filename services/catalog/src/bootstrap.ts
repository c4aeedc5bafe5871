// The first way in: makes a project, if it is not there, and a new API key for it. Nothing else makes keys without a key.
// Asked again, it leaves the project as it is and makes one more key; a crash in between leaves a project without a key,
// which the next call gives one.

import { adminScope } from '@strait/contracts/scopes'
import { newUuidv7, type ProjectId } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { type DatabaseOptions, endAfterDays, refuse, withDatabase } from './bootstrap-database.ts'
import { readKey, readKeyIfGiven, type Variables } from './command-variables.ts'
import { formatApiKey, hashApiKeySecret } from './domain/keys/api-key.ts'
import { scopeProblems } from './domain/keys/check-scopes.ts'
import type { Project } from './domain/projects/project.ts'
import { quoteShort, textProblem } from './domain/text-rules.ts'
import { newApiKey } from './new-api-key.ts'
import { keyAudit } from './rpc/keys/key-audit.ts'
import { projectAudit } from './rpc/projects/project-audit.ts'
import { recordAudit } from './store/audit/record-audit.ts'
import { insertApiKey } from './store/keys/api-keys.ts'
import { ensureProject } from './store/projects/insert-project.ts'
import { newDataKey } from './store/secrets/secret-box.ts'

/** What to make, and where. */
export interface BootstrapOptions extends DatabaseOptions {
  readonly projectSlug: string
  /** Default: the slug. */
  readonly projectName?: string
  /** What the key is called in lists. Default: "bootstrap". */
  readonly keyName?: string
  /** What the key may do. Default: everything, `admin`. */
  readonly scopes?: readonly string[]
  /** In how many days the key ends, 1 to 36,500. Default: never. */
  readonly expiresInDays?: number
}

/** What was made. The key is not to be had a second time. */
export interface Bootstrapped {
  readonly projectId: ProjectId
  readonly apiKey: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date | undefined
}

const createdBy = 'system:bootstrap'

/** The master key that the catalog runs with, and the one before it, as the environment gives them. */
export function readMasterKeys(env: Variables): Pick<BootstrapOptions, 'masterKey' | 'previousMasterKey'> {
  const meaning = '32 bytes in base64, the same that the catalog runs with'
  return {
    masterKey: readKey(env, 'CATALOG_MASTER_KEY', meaning),
    previousMasterKey: readKeyIfGiven(env, 'CATALOG_PREVIOUS_MASTER_KEY'),
  }
}

/** Makes the project if it is not there yet, and a new API key for it; a StartError says what keeps it from that. */
export async function bootstrap(options: BootstrapOptions): Promise<Bootstrapped> {
  const { projectSlug, projectName = projectSlug, keyName = 'bootstrap', scopes = [adminScope] } = options
  refuse('the slug of the project', projectSlug, (slug) => {
    const check = checkSlug(slug)
    return check.ok ? undefined : check.reason
  })
  refuse('the name of the project', projectName, (name) => textProblem(name, 1, 255))
  refuse('the name of the key', keyName, (name) => textProblem(name, 1, 255))
  refuse('the list of scopes', scopes, scopesProblem)
  const end = endAfterDays(options.expiresInDays)
  return withDatabase(options, async (db, masterKey) => {
    const id = newUuidv7<ProjectId>()
    const dataKey = newDataKey(masterKey, id)
    const audit = (after: Project) => projectAudit('created', createdBy, { after })
    const wanted = { id, slug: projectSlug, name: projectName, egressAllow: [], dataKey, createdBy, audit }
    const projectId = await ensureProject(db, wanted)
    const key = newApiKey()
    const secretHash = hashApiKeySecret(key.secret)
    const fields = { name: keyName, scopes, expiresAt: end, createdBy }
    const { expiresAt } = await db.transaction().execute(async (trx) => {
      const stored = await insertApiKey(trx, { ...fields, id: key.id, projectId, secretHash })
      await recordAudit(trx, [keyAudit('created', createdBy, { after: stored })])
      return stored
    })
    return { projectId, apiKey: formatApiKey(key), scopes, expiresAt }
  })
}

function scopesProblem(scopes: readonly string[]): string | undefined {
  if (scopes.length === 0) return 'is empty: a key without a scope opens nothing'
  const problems = scopeProblems(scopes).map(({ index, description }) =>
    index === undefined ? description : `${quoteShort(scopes[index] ?? '')} ${description}`,
  )
  return problems.length === 0 ? undefined : `is wrong: ${problems.join('; ')}`
}
