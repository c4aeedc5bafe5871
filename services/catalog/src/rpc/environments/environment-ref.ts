// The environment that a request names, and what the methods share.

import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { EnvironmentRecord } from '../../domain/environments/environment-record.ts'
import type { TargetProblem } from '../../domain/jobs/check-call.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findEnvironment } from '../../store/environments/find-environments.ts'
import type { MasterKey } from '../../store/secrets/secret-box.ts'
import type { Announce } from '../../wire/announce.ts'
import type { SlugPlace } from '../under-free-slug.ts'

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

/** Where the slug of an environment is wanted; `message` is the request's field that has the environment. */
export function slugPlace(
  db: CatalogDb,
  projectId: string,
  message: 'environment' | 'patch',
  own?: string,
): SlugPlace {
  const space = { table: 'environments', projectId } as const
  const place = { db, space, field: `${message}.slug`, another: 'another environment' }
  return own === undefined ? place : { ...place, own }
}
