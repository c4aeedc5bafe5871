// Makes a decoded head small. The decoder fills messages field by field, which leaves them as hash tables: 1.2 KB for a job's head. A copy is
// a plain record of half that, and the ids that many heads name are one text for all of them.

import type { JobHead } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import type { CatalogKind } from '@strait/contracts/subjects'
import type { HeadOf } from './head-change.ts'

/** A way to copy heads; it keeps one text for each project and group. */
export function createShare(): <H extends HeadOf[CatalogKind]>(head: H) => H {
  const texts = new Map<string, string>()
  const noKeys: JobHead['rateLimitKeys'] = []

  function one(text: string): string {
    const known = texts.get(text)
    if (known === undefined) texts.set(text, text)
    return known ?? text
  }

  return (head) => {
    const small = { ...head }
    if ('projectId' in small) small.projectId = one(small.projectId)
    if ('groupId' in small) small.groupId = one(small.groupId)
    if ('rateLimitKeys' in small && small.rateLimitKeys.length === 0) small.rateLimitKeys = noKeys
    return small
  }
}
