// Pages of workflows and of their versions, newest first. A page begins after a place, not at a number: what is made meanwhile stands before
// the first page and moves nothing. A page of at most about 8 MiB is read; one larger than that comes alone.

import { type RawBuilder, sql } from 'kysely'
import { toSearched } from '../../domain/searched-text.ts'
import type { WorkflowRecord } from '../../domain/workflows/workflow.ts'
import { maxPageBytes } from '../answer-bytes.ts'
import type { CatalogDb } from '../database.ts'
import { toWorkflowRecord, type WorkflowRow, workflowColumns } from './workflow-row.ts'

/** Which workflows to list. What is undefined lets every one pass. */
export interface WorkflowFilter {
  readonly projectId: string
  readonly tags: Readonly<Record<string, string>>
  readonly enabled: boolean | undefined
  readonly text: string | undefined
}

/** The last one of a page, as text: of workflows when it was created, to the microsecond, and its id; of versions its number. */
export type Place = readonly string[]

/** A page. */
export interface WorkflowPage {
  readonly workflows: readonly WorkflowRecord[]
  /** Where the next page begins; undefined after the last one. */
  readonly next: Place | undefined
}

/** Reads at most `limit` workflows of a project, after a place or from the newest one. */
export async function listWorkflows(
  db: CatalogDb,
  { projectId, tags, enabled, text }: WorkflowFilter,
  after: Place | undefined,
  limit: number,
): Promise<WorkflowPage> {
  const all = [sql`w.project_id = ${projectId}`, sql`w.deleted_at is null`]
  if (Object.keys(tags).length > 0) all.push(sql`w.tags @> ${JSON.stringify(tags)}::jsonb`)
  if (enabled !== undefined) all.push(sql`w.enabled = ${enabled}`)
  if (text !== undefined) all.push(sql`strpos(w.searched, ${toSearched(text)}) > 0`)
  if (after !== undefined) all.push(sql`(w.created_at, w.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`)
  return readPage(db, limit, {
    from: sql`
      select w.id, v.version, v.config_bytes,
        row_number() over (order by w.created_at desc, w.id desc) as nth,
        array[to_char(w.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), w.id::text] as place
      from workflows as w
      join workflow_versions as v on v.workflow_id = w.id and v.version = w.version
      where ${sql.join(all, sql` and `)}
      order by w.created_at desc, w.id desc
      limit ${limit + 1}
    `,
  })
}

/** Reads at most `limit` versions of a workflow, after a place or from the newest one. */
export async function listWorkflowVersions(
  db: CatalogDb,
  { id }: Pick<WorkflowRecord, 'id'>,
  after: Place | undefined,
  limit: number,
): Promise<WorkflowPage> {
  const older = after === undefined ? sql`true` : sql`v.version < ${after[0]}::int4`
  return readPage(db, limit, {
    from: sql`
      select v.workflow_id as id, v.version, v.config_bytes,
        row_number() over (order by v.version desc) as nth, array[v.version::text] as place
      from workflow_versions as v
      where v.workflow_id = ${id} and ${older}
      order by v.version desc
      limit ${limit + 1}
    `,
  })
}

/** Reads a page of what `from` lists, sizes first: no configuration is read that does not fit. */
async function readPage(
  db: CatalogDb,
  limit: number,
  { from }: { readonly from: RawBuilder<unknown> },
): Promise<WorkflowPage> {
  const { rows } = await sql<WorkflowRow & { place: string[]; more: boolean }>`
    select ${workflowColumns}, v.config, p.place, p.ahead > p.nth as more
    from (
      select listed.*, count(*) over () as ahead,
        sum(listed.config_bytes) over (order by listed.nth rows unbounded preceding) as bytes
      from (${from}) as listed
    ) as p
    join workflows as w on w.id = p.id
    join workflow_versions as v on v.workflow_id = p.id and v.version = p.version
    where p.nth <= ${limit} and (p.nth = 1 or p.bytes <= ${maxPageBytes})
    order by p.nth
  `.execute(db)
  const last = rows.at(-1)
  return { workflows: rows.map(toWorkflowRecord), next: last?.more ? last.place : undefined }
}
