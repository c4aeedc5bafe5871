// The workflow and the version that a request names, and the refusals that the methods share.

import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { readVersionRef } from '../../domain/version-ref.ts'
import type { WorkflowRecord } from '../../domain/workflows/workflow.ts'
import type { Events } from '../../events.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findWorkflow, findWorkflowVersion } from '../../store/workflows/find-workflows.ts'
import type { Announce } from '../../wire/announce.ts'

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

/** Refuses a change that was decided on another version than the newest one. */
export function requireEtag(workflow: WorkflowRecord, etag: string | undefined): void {
  if (etag === '')
    throw refuseFields('FIELD_INVALID', [
      { field: 'etag', description: 'must not be empty; leave it out for any' },
    ])
  if (etag !== undefined && etag !== workflow.versionId)
    throw new Refusal(
      'ETAG_MISMATCH',
      'the workflow was changed meanwhile: read it again, and decide again',
      { violations: [{ field: 'etag', description: 'is not the version_id that the workflow has now' }] },
    )
}

/** Gives up a change whose caller went away before it was stored. */
export function requireCaller({ signal }: Pick<Call, 'signal'>): void {
  if (signal.aborted) throw new Refusal('DEADLINE_EXCEEDED', 'the caller went away; nothing was stored')
}

/** The refusal of a slug that another workflow has. */
export function slugTaken(slug: string, prefix: string): Refusal {
  return refuseFields('SLUG_TAKEN', [
    { field: `${prefix}slug`, description: `another workflow has the slug ${slug}` },
  ])
}
