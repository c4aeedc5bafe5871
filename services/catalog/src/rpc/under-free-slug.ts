// Storing something under a slug of its own. A slug that was asked for is given or refused. One made from a name is numbered until it is
// free: each turn that is lost was won by another write, so of many of one name at once each gets a slug of its own.

import { type Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { WantedSlug } from '../domain/check-name-and-slug.ts'
import type { CatalogDb } from '../store/database.ts'
import { findFreeSlug, type SlugSpace } from '../store/find-free-slug.ts'
import { requireWaiting } from './require-waiting.ts'

/** Where a slug is wanted, and how its taking is told. */
export interface SlugPlace {
  readonly db: CatalogDb
  readonly space: SlugSpace
  /** The path of the field in the request. */
  readonly field: string
  /** What else has the slug: `another job`. */
  readonly another: string
  /** The row that may keep the slug that it has. */
  readonly own?: string
}

/** Stores something by `insert`, which answers undefined where the slug is taken. `first` is tried first: the wanted one, or a free one. */
export async function underFreeSlug<T>(
  place: SlugPlace,
  wanted: WantedSlug,
  signal: AbortSignal,
  insert: (slug: string) => Promise<T | undefined>,
  first = wanted.text,
): Promise<T> {
  for (let slug = first; ; slug = await findFreeSlug(place.db, place.space, wanted.text)) {
    requireWaiting({ signal })
    const stored = await insert(slug)
    if (stored !== undefined) return stored
    if (wanted.isChosen) throw slugTaken(place, slug)
  }
}

/** The slug that something would be stored under at this moment; refused where it was asked for and is taken. */
export async function previewSlug(place: SlugPlace, wanted: WantedSlug): Promise<string> {
  const slug = await findFreeSlug(place.db, place.space, wanted.text, place.own)
  if (wanted.isChosen && slug !== wanted.text) throw slugTaken(place, wanted.text)
  return slug
}

/** The refusal of a slug that something else has. */
export function slugTaken({ field, another }: SlugPlace, slug: string): Refusal {
  return refuseFields('SLUG_TAKEN', [{ field, description: `${another} has the slug ${slug}` }])
}
