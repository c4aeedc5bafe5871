import type { ReadFeedRequest } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { readFeed as readRows, reportCursor } from '@strait/postgres/feed'
import { refuseFields } from '@strait/service-kit/refusal'
import type { FeedDb } from '../store/feed-db.ts'

const maxBytes = 4 * 1024 * 1024
const fromTheBeginning = { xid: '0', pos: '0' }

/** DispatcherInternalService.ReadFeed: the run feed in order, and a note of how far its reader has come. */
export function readFeed(db: FeedDb, followers: readonly string[]) {
  return async (request: ReadFeedRequest) => {
    if (!followers.includes(request.follower)) {
      throw refuseFields('FIELD_INVALID', [
        { field: 'follower', description: `must be one of ${followers.join(', ')}` },
      ])
    }
    const after = request.after ?? fromTheBeginning
    if (!/^\d{1,19}$/.test(after.xid) || !/^\d{1,19}$/.test(after.pos)) {
      throw refuseFields('FIELD_INVALID', [{ field: 'after', description: 'must be a cursor of this feed' }])
    }
    const limit = Math.min(Math.max(request.limit || 100, 1), 500)
    await reportCursor(db, request.follower, { xid: after.xid, pos: after.pos })
    const rows = await readRows(db, { after: { xid: after.xid, pos: after.pos }, limit, maxBytes })
    return { rows: rows.map(({ xid, pos, body }) => ({ cursor: { xid, pos }, body })) }
  }
}
