// The environment that a request names, and what the methods share.

import { Refusal, refuseFields } from '@strait/service-kit/refusal'
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
  /** What the project's jobs may call, as the project is now. */
  readonly targetProblemOf: (projectId: string) => Promise<TargetProblem>
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

/** The refusal of a slug that another environment has. */
export function slugTaken(field: string, slug: string): Refusal {
  return refuseFields('SLUG_TAKEN', [{ field, description: `another environment has the slug ${slug}` }])
}
