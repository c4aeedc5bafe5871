import { numberedSlug } from '../domain/numbered-slug.ts'
import type { CatalogDb } from './database.ts'

const firstGuesses = 32

/**
 * The first of `slug`, `slug-2`, `slug-3` … that nothing of its kind in the project has at this moment. Another create may take it
 * first: only an insert decides.
 */
export async function findFreeSlug(
  db: CatalogDb,
  projectId: string,
  slug: string,
  table: 'jobs' | 'environments' = 'jobs',
): Promise<string> {
  let from = 1
  for (let guesses = firstGuesses; ; guesses *= 2) {
    const candidates = Array.from({ length: guesses }, (_, i) => numberedSlug(slug, from + i))
    const taken = await db
      .selectFrom(table)
      .select('slug')
      .where('project_id', '=', projectId)
      .where('slug', 'in', candidates)
      .where('deleted_at', 'is', null)
      .execute()
    const takenSlugs = new Set(taken.map((row) => row.slug))
    const free = candidates.find((candidate) => !takenSlugs.has(candidate))
    if (free !== undefined) return free
    from += guesses
  }
}
