// The project that a request names, and what changes of projects share. A key of a project sees that one and no other: every other id or
// slug is answered as if there were none. A key of the deployment sees each.

import { type Caller, ownProjectOf } from '@strait/service-kit/access'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { EntryCheck } from '../../domain/projects/check-egress-allow.ts'
import type { Project } from '../../domain/projects/project.ts'
import type { ThingChange } from '../../events.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findProject } from '../../store/projects/find-projects.ts'
import type { SlugPlace } from '../under-free-slug.ts'

/** What changing projects needs. */
export interface ProjectDeps {
  readonly db: CatalogDb
  readonly checkEntry: EntryCheck
  /** Tells metrics, the log and all followers of a change that was stored. */
  readonly changed: (change: Exclude<ThingChange, 'deleted'>, project: Project, by: string) => Promise<void>
}

/** The project that a request names; refused where the caller sees no such project. */
export async function requireProject(db: CatalogDb, caller: Caller, project: string): Promise<Project> {
  if (project === '') throw refuseFields('FIELD_INVALID', [{ field: 'project', description: 'is required' }])
  const found = await findProject(db, ownProjectOf(caller), project)
  if (found === undefined) throw new Refusal('PROJECT_NOT_FOUND', 'there is no such project for this key')
  return found
}

/** Where the slug of a project is wanted; `message` is the request's field that has the project. */
export function placeOfSlug(db: CatalogDb, message: 'project' | 'patch'): SlugPlace {
  return { db, space: { table: 'projects' }, field: `${message}.slug`, another: 'another project' }
}
