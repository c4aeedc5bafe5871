import { refuseFields } from '@strait/service-kit/refusal'
import type { Events } from '../../events.ts'
import type { CatalogDb } from '../../store/database.ts'

/** What an internal question needs. */
export interface InternalDeps {
  readonly db: CatalogDb
  readonly events: Events
}

const maxItems = 1_000

/** Hands a batch on, or refuses one that is larger than an internal question may be. */
export function batchOf<T>(field: string, items: readonly T[]): readonly T[] {
  if (items.length <= maxItems) return items
  throw refuseFields('FIELD_INVALID', [{ field, description: `must have at most ${maxItems} items` }])
}
