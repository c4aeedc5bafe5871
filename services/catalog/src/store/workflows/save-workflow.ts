// Writes of workflows, each one statement: head and version together or neither. Who gets a slug is decided by the unique index; whether a
// change is made to what was decided on, by the version in its condition: of two that meet, the second changes no row and decides again on
// what the first left, so versions are consecutive. Dying before the commit leaves everything as it was; dying after it leaves a change of
// which no news was sent, and which followers find by `changed`.

import type { VersionId, WorkflowId } from '@strait/domain/ids'
import { sql } from 'kysely'
import { searchedText } from '../../domain/searched-text.ts'
import { subWorkflowsOf, type WorkflowConfig, type WorkflowRecord } from '../../domain/workflows/workflow.ts'
import type { CatalogDb } from '../database.ts'
import { toStoredWorkflow } from './stored-workflow.ts'

/** The index that decides who gets a slug. */
export const workflowSlugs = 'workflow_slugs_are_unique_in_a_project'

/** Everything that is stored of a new workflow. */
export interface WorkflowToInsert {
  readonly id: WorkflowId
  readonly projectId: string
  readonly versionId: VersionId
  readonly config: WorkflowConfig
  readonly createdBy: string
}

/** Stores a workflow as its version 1 unless its slug is taken; answers when it was stored, or undefined. */
export async function insertWorkflowIfSlugIsFree(
  db: CatalogDb,
  { id, projectId, versionId, config, createdBy }: WorkflowToInsert,
): Promise<Date | undefined> {
  const { rows } = await sql<{ created_at: Date }>`
    with head as (
      insert into workflows (
        id, project_id, slug, name, description, searched, tags, enabled, cron, sub_workflows, version, created_by
      )
      values (
        ${id}, ${projectId}, ${config.slug}, ${config.name}, ${config.description},
        ${searchedText(config)}, ${JSON.stringify(config.tags)}, ${config.enabled}, ${config.cron ?? null}, ${subWorkflowsOf(config)}::text[], 1, ${createdBy}
      )
      on conflict (project_id, slug) where deleted_at is null do nothing
      returning id, created_at
    ), first_version as (
      insert into workflow_versions (workflow_id, version, version_id, config, created_by)
      select id, 1, ${versionId}::text, ${toStoredWorkflow(config)}::jsonb, ${createdBy}::text from head
    )
    select created_at from head
  `.execute(db)
  return rows[0]?.created_at
}

/** The next version of a workflow. */
export interface NextVersion {
  readonly versionId: VersionId
  readonly config: WorkflowConfig
  readonly by: string
}

/**
 * Makes the next version of a workflow if it is still what was decided on; undefined where it is not. Fails where the slug is taken (see
 * isSlugTaken, by `workflowSlugs`): the transaction is lost with it.
 */
export async function updateWorkflowIfUnchanged(
  db: CatalogDb,
  before: WorkflowRecord,
  { versionId, config, by }: NextVersion,
): Promise<WorkflowRecord | undefined> {
  const { rows } = await sql<{ version: number; updated_at: Date }>`
    with head as (
      update workflows
      set slug = ${config.slug}, name = ${config.name}, description = ${config.description},
        searched = ${searchedText(config)}, tags = ${JSON.stringify(config.tags)}, enabled = ${config.enabled}, cron = ${config.cron ?? null},
        sub_workflows = ${subWorkflowsOf(config)}::text[], version = version + 1,
        changed = pg_current_xact_id(), updated_at = now()
      where ${isUnchanged(before)}
      returning id, version, updated_at
    ), next_version as (
      insert into workflow_versions (workflow_id, version, version_id, config, created_by)
      select id, version, ${versionId}::text, ${toStoredWorkflow(config)}::jsonb, ${by}::text from head
    )
    select version, updated_at from head
  `.execute(db)
  const [row] = rows
  return (
    row && { ...before, config, version: row.version, versionId, updatedBy: by, updatedAt: row.updated_at }
  )
}

/** Deletes a workflow if it is still what was decided on; answers it as it was last, or undefined. */
export async function deleteWorkflowIfUnchanged(
  db: CatalogDb,
  before: WorkflowRecord,
): Promise<WorkflowRecord | undefined> {
  const { rows } = await sql<{ deleted_at: Date }>`
    update workflows set deleted_at = now(), changed = pg_current_xact_id()
    where ${isUnchanged(before)}
    returning deleted_at
  `.execute(db)
  return rows[0] && { ...before, deletedAt: rows[0].deleted_at }
}

function isUnchanged({ id, version }: WorkflowRecord) {
  return sql`id = ${id} and version = ${version} and deleted_at is null`
}
