import { SLUG_MAX_LENGTH } from '@strait/domain/slug'

/** The nth slug that one name makes: the slug itself, then `-2`, `-3` …, shortened so that it stays within its bound. */
export function numberedSlug(slug: string, n: number): string {
  if (n === 1) return slug
  const tail = `-${n}`
  return slug.slice(0, SLUG_MAX_LENGTH - tail.length).replace(/[-_]$/, '') + tail
}
