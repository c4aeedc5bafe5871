import type { HeadsChangedRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { isUuid } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import type { CatalogDb } from '../../store/database.ts'
import { type HeadCursor, listChangedHeads } from '../../store/heads/list-changed-heads.ts'
import { writeHead } from './head-codec.ts'

const defaultLimit = 1_000
const maxLimit = 10_000

/** Gives the heads that changed since a cursor. */
export function headsChanged({ db }: { readonly db: CatalogDb }) {
  return async ({ since, limit }: HeadsChangedRequest) => {
    const after = readCursor(since)
    const problems = [
      ...(after === 'not one' ? [{ field: 'since', description: 'is no `next` of an earlier answer' }] : []),
      ...(limit < 0 || limit > maxLimit ? [{ field: 'limit', description: `must be 1 to ${maxLimit}` }] : []),
    ]
    if (after === 'not one' || problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const { heads, next, more, asOf } = await listChangedHeads(db, after, limit === 0 ? defaultLimit : limit)
    return { heads: heads.map(writeHead), next: writeCursor(next), more, asOf }
  }
}

/** `<xid>.<id>`, and `.<xid>` more while its reader is still at what was there when it began; empty for the beginning. */
function readCursor(text: string): HeadCursor | undefined | 'not one' {
  if (text === '') return undefined
  const [, xid = '', id = '', begunAt] = /^(0|[1-9]\d{0,18})\.(.{36})(?:\.([1-9]\d{0,18}))?$/.exec(text) ?? []
  return isUuid(id) ? { xid, id, begunAt } : 'not one'
}

function writeCursor(cursor: HeadCursor | undefined): string {
  if (cursor === undefined) return ''
  const { xid, id, begunAt } = cursor
  return begunAt === undefined ? `${xid}.${id}` : `${xid}.${id}.${begunAt}`
}
