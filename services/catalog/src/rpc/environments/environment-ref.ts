// The environment that a request names, and what the methods share.

import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { EnvironmentRecord } from '../../domain/environments/environment-record.ts'
import type { TargetProblem } from '../../domain/jobs/check-call.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findEnvironment } from '../../store/environments/find-environments.ts'
import type { MasterKey } from '../../store/secrets/secret-box.ts'
import type { Announce } from '../../wire/announce.ts'

/** How an environment changed. */
export type EnvironmentWord = 'created' | 'updated' | 'deleted'

/** What changing environments needs. */
export interface EnvironmentDeps {
  readonly db: CatalogDb
  readonly masterKey: MasterKey
  readonly targetProblem: TargetProblem
  readonly announce: Announce
  /** Tells metrics and the log of a change that was stored. */
  readonly changed: (
    word: EnvironmentWord,
    environment: { readonly id: string; readonly projectId: string },
    by: string,
  ) => void
}

/** The environment that a request names; refused where the caller's project has no such environment. */
export async function requireEnvironment(
  db: CatalogDb,
  projectId: string,
  ref: string,
): Promise<EnvironmentRecord> {
  if (ref === '')
    throw refuseFields('FIELD_INVALID', [
      { field: 'environment', description: 'is required: an id or a slug' },
    ])
  const found = await findEnvironment(db, projectId, ref)
  if (found !== undefined) return found
  throw new Refusal('ENVIRONMENT_NOT_FOUND', 'the project has no such environment', {
    violations: [{ field: 'environment', description: 'names no environment of this project' }],
    metadata: { environment: ref },
  })
}

/** Refuses an etag that cannot be one. */
export function requireEtag(etag: string | undefined): void {
  if (etag === '')
    throw refuseFields('FIELD_INVALID', [
      { field: 'etag', description: 'must not be empty; leave it out for any' },
    ])
}

/** Refuses a change that was decided on another state. */
export function refuseEtag(): never {
  throw new Refusal(
    'ETAG_MISMATCH',
    'the environment was changed meanwhile: read it again, and decide again',
    {
      violations: [{ field: 'etag', description: 'is not the one that the environment has now' }],
    },
  )
}

/** Gives up a change whose caller went away before it was stored. */
export function requireCaller({ signal }: Pick<Call, 'signal'>): void {
  if (signal.aborted) throw new Refusal('DEADLINE_EXCEEDED', 'the caller went away; nothing was stored')
}

/** The refusal of a slug that another environment has. */
export function slugTaken(field: string, slug: string): Refusal {
  return refuseFields('SLUG_TAKEN', [{ field, description: `another environment has the slug ${slug}` }])
}
