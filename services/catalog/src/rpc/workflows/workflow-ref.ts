// The workflow and the version that a request names, and the refusals that the methods share.

import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import { readVersionRef } from '../../domain/version-ref.ts'
import type { WorkflowRecord } from '../../domain/workflows/workflow.ts'
import type { Events } from '../../events.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findWorkflow, findWorkflowVersion } from '../../store/workflows/find-workflows.ts'
import type { Announce } from '../../wire/announce.ts'
import { refuseEtag } from '../refuse-etag.ts'
import type { SlugPlace } from '../under-free-slug.ts'

/** What changing workflows needs. */
export interface WorkflowDeps {
  readonly db: CatalogDb
  readonly events: Pick<Events, 'workflowChanged'>
  readonly announce: Announce
}

/** The workflow that a request names, refused where the project has none such. */
export async function requireWorkflow(
  db: CatalogDb,
  projectId: string,
  workflow: string,
  options: { readonly deletedToo?: boolean } = {},
): Promise<WorkflowRecord> {
  if (workflow === '')
    throw refuseFields('FIELD_INVALID', [{ field: 'workflow', description: 'is required: an id or a slug' }])
  const found = await findWorkflow(db, { projectId, workflow }, options)
  if (found === undefined) throw new Refusal('WORKFLOW_NOT_FOUND', 'the project has no such workflow')
  return found
}

/** A version of a workflow by its number or id, refused where there is none such. */
export async function requireVersion(
  db: CatalogDb,
  workflow: WorkflowRecord,
  version: string,
  field = 'version',
): Promise<WorkflowRecord> {
  if (version === '')
    throw refuseFields('FIELD_INVALID', [{ field, description: 'is required: a number or a version id' }])
  const ref = readVersionRef(version)
  const found = ref && (await findWorkflowVersion(db, workflow, ref))
  if (found === undefined)
    throw new Refusal('VERSION_NOT_FOUND', 'the workflow has no such version', {
      violations: [{ field, description: 'names no version of this workflow' }],
    })
  return found
}

/** Refuses a change of a workflow that is in another version than the caller thinks. */
export function requireEtag({ versionId }: WorkflowRecord, etag: string | undefined): void {
  if (etag !== undefined && etag !== versionId) refuseEtag('workflow')
}

/** Where the slug of a workflow is wanted; `prefix` is what the request calls the workflow, with a dot. */
export function slugPlace(db: CatalogDb, projectId: string, prefix: string, own?: string): SlugPlace {
  const space = { table: 'workflows', projectId } as const
  const place = { db, space, field: `${prefix}slug`, another: 'another workflow' }
  return own === undefined ? place : { ...place, own }
}
