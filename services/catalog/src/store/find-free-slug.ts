import { sql } from 'kysely'
import { numberedSlug } from '../domain/numbered-slug.ts'
import type { CatalogDb } from './database.ts'

/** Among what a slug is to be unique: what is there of one kind in a project, or all projects. */
export type SlugSpace =
  | { readonly table: 'jobs' | 'job_groups' | 'environments' | 'workflows'; readonly projectId: string }
  | { readonly table: 'projects' }

const firstGuesses = 32

/**
 * The first of `slug`, `slug-2`, `slug-3` … that nothing in the space has at this moment, but for the row `own`, which may keep
 * the one that it has. Another write may take it first: only the unique index decides.
 */
export async function findFreeSlug(
  db: CatalogDb,
  space: SlugSpace,
  slug: string,
  own: string | null = null,
): Promise<string> {
  const isThere =
    space.table === 'projects' ? sql`true` : sql`project_id = ${space.projectId} and deleted_at is null`
  let from = 1
  for (let guesses = firstGuesses; ; guesses *= 2) {
    const candidates = Array.from({ length: guesses }, (_, i) => numberedSlug(slug, from + i))
    const { rows } = await sql<{ slug: string }>`
      select slug from ${sql.table(space.table)}
      where slug = any(${candidates}::text[]) and id is distinct from ${own}::uuid and ${isThere}
    `.execute(db)
    const taken = new Set(rows.map((row) => row.slug))
    const free = candidates.find((candidate) => !taken.has(candidate))
    if (free !== undefined) return free
    from += guesses
  }
}
