import { numberedSlug } from '../../domain/numbered-slug.ts'
import type { CatalogDb } from '../database.ts'

const firstGuesses = 32

/**
 * The first of `slug`, `slug-2`, `slug-3` … that no other workflow of the project has at this moment. Another save may take it first: only
 * a write decides. `own` is the workflow that it is for, if there is one already.
 */
export async function findFreeWorkflowSlug(
  db: CatalogDb,
  projectId: string,
  slug: string,
  own?: string,
): Promise<string> {
  let from = 1
  for (let guesses = firstGuesses; ; guesses *= 2) {
    const candidates = Array.from({ length: guesses }, (_, i) => numberedSlug(slug, from + i))
    let query = db
      .selectFrom('workflows')
      .select('slug')
      .where('project_id', '=', projectId)
      .where('slug', 'in', candidates)
      .where('deleted_at', 'is', null)
    if (own !== undefined) query = query.where('id', '<>', own)
    const taken = new Set((await query.execute()).map((row) => row.slug))
    const free = candidates.find((candidate) => !taken.has(candidate))
    if (free !== undefined) return free
    from += guesses
  }
}
