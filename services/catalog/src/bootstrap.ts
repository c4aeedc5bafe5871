// The first way in: makes a project, if it is not there, and a new API key for it. Nothing else makes keys without a key.
// Asked again, it leaves the project as it is and makes one more key; a crash in between leaves a project without a key,
// which the next call gives one.

import { adminScope } from '@strait/contracts/scopes'
import { newUuidv7, type ProjectId } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { createPool } from '@strait/postgres/pool'
import { databaseProblem } from '@strait/service-kit/database-part'
import { StartError } from '@strait/service-kit/listen'
import { readKey, readKeyIfGiven, type Variables } from './command-variables.ts'
import { formatApiKey, hashApiKeySecret } from './domain/keys/api-key.ts'
import { scopeProblems } from './domain/keys/check-scopes.ts'
import { quoteShort, textProblem } from './domain/text-rules.ts'
import { masterKeyProblem, readMasterKey } from './master-key.ts'
import { newApiKey } from './new-api-key.ts'
import { createCatalogDb } from './store/database.ts'
import { insertApiKey } from './store/keys/api-keys.ts'
import { ensureProject } from './store/projects.ts'
import { checkMasterKey } from './store/secrets/check-master-key.ts'
import { newDataKey } from './store/secrets/secret-box.ts'

/** What to make, and where. */
export interface BootstrapOptions {
  readonly databaseUrl: string
  /** The deployment's master key: 32 bytes in base64. */
  readonly masterKey: string
  /** The one before, while it is rotated. Default: none. */
  readonly previousMasterKey?: string | undefined
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

const dayMs = 86_400_000
const maxDays = 36_500

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
  const { databaseUrl, projectSlug, projectName = projectSlug, keyName = 'bootstrap' } = options
  const { scopes = [adminScope], expiresInDays } = options
  refuse('the slug of the project', projectSlug, (slug) => {
    const check = checkSlug(slug)
    return check.ok ? undefined : check.reason
  })
  refuse('the name of the project', projectName, (name) => textProblem(name, 1, 255))
  refuse('the name of the key', keyName, (name) => textProblem(name, 1, 255))
  refuse('the list of scopes', scopes, scopesProblem)
  refuse('the number of days until the key expires', expiresInDays, (days) =>
    days === undefined || (Number.isInteger(days) && days >= 1 && days <= maxDays)
      ? undefined
      : `must be a whole number of 1 to ${maxDays}`,
  )
  refuse('DATABASE_URL', databaseUrl, (url) =>
    URL.canParse(url) ? undefined : 'must be a URL like postgres://user@host:5432/database',
  )
  refuse('CATALOG_MASTER_KEY', options.masterKey, masterKeyProblem)
  refuse('CATALOG_PREVIOUS_MASTER_KEY', options.previousMasterKey, (key) => key && masterKeyProblem(key))
  const masterKey = readMasterKey(options.masterKey, options.previousMasterKey)

  // A connection that is lost fails the statement on it, which says so.
  const onError = () => undefined
  const pool = createPool({ url: databaseUrl, role: 'catalog', max: 1, name: 'strait-bootstrap', onError })
  const db = createCatalogDb(pool)
  try {
    await checkMasterKey(db, masterKey)
    const id = newUuidv7<ProjectId>()
    const wanted = { id, slug: projectSlug, name: projectName, dataKey: newDataKey(masterKey, id) }
    const project = await ensureProject(db, wanted)
    const key = newApiKey()
    const { expiresAt } = await insertApiKey(db, {
      id: key.id,
      projectId: project.id,
      secretHash: hashApiKeySecret(key.secret),
      name: keyName,
      scopes,
      expiresAt: expiresInDays === undefined ? undefined : new Date(Date.now() + expiresInDays * dayMs),
      createdBy: 'system:bootstrap',
    })
    return { projectId: project.id, apiKey: formatApiKey(key), scopes, expiresAt }
  } catch (cause) {
    const problem = databaseProblem('catalog', cause)
    throw problem === undefined ? cause : new StartError(problem, { cause })
  } finally {
    await db.destroy()
  }
}

function scopesProblem(scopes: readonly string[]): string | undefined {
  if (scopes.length === 0) return 'is empty: a key without a scope opens nothing'
  const problems = scopeProblems(scopes).map(({ index, description }) =>
    index === undefined ? description : `${quoteShort(scopes[index] ?? '')} ${description}`,
  )
  return problems.length === 0 ? undefined : `is wrong: ${problems.join('; ')}`
}

function refuse<T>(what: string, value: T, problemOf: (value: T) => string | undefined): void {
  const problem = problemOf(value)
  if (problem !== undefined) throw new StartError(`${what} ${problem}`)
}
