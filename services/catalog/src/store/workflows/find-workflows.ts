// Workflows as they are now, and their versions. The project is in every look-up by id or slug: another project's workflow is not there,
// whoever asks.

import { isUuid } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { sql } from 'kysely'
import type { VersionRef } from '../../domain/version-ref.ts'
import type { WorkflowRecord } from '../../domain/workflows/workflow.ts'
import type { CatalogDb } from '../database.ts'
import { allConfigsOrNone } from '../stored-config.ts'
import { toWorkflowRecord, type WorkflowRow, workflowColumns } from './workflow-row.ts'

/** Names a workflow inside a project, by its id or its slug. */
export interface WorkflowRef {
  readonly projectId: string
  readonly workflow: string
}

/** Names one version of a workflow. */
export interface WorkflowVersionRef {
  readonly workflowId: string
  readonly version: number
}

/**
 * A workflow in its newest version; undefined where the project has no such workflow. A deleted one is found only by its id, and only where
 * it is asked for.
 */
export async function findWorkflow(
  db: CatalogDb,
  { projectId, workflow }: WorkflowRef,
  { deletedToo = false }: { readonly deletedToo?: boolean } = {},
): Promise<WorkflowRecord | undefined> {
  // A slug never looks like an id, so a reference is one or the other. What is neither is no workflow's name.
  const byId = isUuid(workflow)
  if (!byId && !checkSlug(workflow).ok) return undefined
  const isNamed = byId ? sql`w.id = ${workflow}` : sql`w.slug = ${workflow}`
  const isThere = byId && deletedToo ? sql`true` : sql`w.deleted_at is null`
  const { rows } = await sql<WorkflowRow>`
    select ${workflowColumns}, v.config
    from workflows as w
    join workflow_versions as v on v.workflow_id = w.id and v.version = w.version
    where w.project_id = ${projectId} and ${isNamed} and ${isThere}
  `.execute(db)
  return rows[0] && toWorkflowRecord(rows[0])
}

/** One version of a workflow that was found; undefined where it has no such version. */
export async function findWorkflowVersion(
  db: CatalogDb,
  { id }: Pick<WorkflowRecord, 'id'>,
  ref: VersionRef,
): Promise<WorkflowRecord | undefined> {
  const isNamed = 'id' in ref ? sql`v.version_id = ${ref.id}` : sql`v.version = ${ref.number}::int4`
  const { rows } = await sql<WorkflowRow>`
    select ${workflowColumns}, v.config
    from workflows as w
    join workflow_versions as v on v.workflow_id = w.id
    where w.id = ${id} and ${isNamed}
  `.execute(db)
  return rows[0] && toWorkflowRecord(rows[0])
}

/** Versions of any workflows, a batch in one statement, in the order of the references; undefined where there is no such version. */
export async function findWorkflowVersions(
  db: CatalogDb,
  refs: readonly WorkflowVersionRef[],
): Promise<readonly (WorkflowRecord | undefined)[]> {
  const ids = refs.map((ref) => (isUuid(ref.workflowId) ? ref.workflowId : null))
  const versions = refs.map((ref) => ref.version)
  const { rows } = await sql<WorkflowRow & { nth: number }>`
    select asked.nth::int4 as nth, ${workflowColumns}, ${allConfigsOrNone}
    from unnest(${ids}::uuid[], ${versions}::int4[]) with ordinality as asked (workflow_id, version, nth)
    join workflow_versions as v on v.workflow_id = asked.workflow_id and v.version = asked.version
    join workflows as w on w.id = v.workflow_id
  `.execute(db)
  const found = new Map(rows.map((row) => [row.nth, toWorkflowRecord(row)]))
  return refs.map((_, index) => found.get(index + 1))
}
