// Which workflows of a project have others inside of them. Two saves that meet could each put one workflow into the other and see nothing
// wrong: so whoever saves a workflow with others inside takes the lock of its project first, and looks then.

import { sql } from 'kysely'
import type { Nesting } from '../../domain/workflows/check-nesting.ts'
import type { CatalogDb } from '../database.ts'

/** Lets one save of a project after another look and write, until the transaction ends. Rows that refer to the project are not held up. */
export async function lockNesting(db: CatalogDb, projectId: string): Promise<void> {
  await sql`select from projects where id = ${projectId} for no key update`.execute(db)
}

/** The slugs inside of each workflow that has any, but for one: that which is saved. */
export async function findNesting(
  db: CatalogDb,
  projectId: string,
  without: string | undefined,
): Promise<Nesting> {
  const { rows } = await sql<{ slug: string; sub_workflows: string[] }>`
    select slug, sub_workflows from workflows
    where project_id = ${projectId} and deleted_at is null and sub_workflows <> '{}'
      and id is distinct from ${without ?? null}::uuid
  `.execute(db)
  return new Map(rows.map((row) => [row.slug, row.sub_workflows]))
}
