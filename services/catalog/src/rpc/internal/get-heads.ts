import type { GetHeadsRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { findHeads } from '../../store/heads/find-heads.ts'
import { batchOf, type InternalDeps } from './batch.ts'
import { writeHead } from './head-codec.ts'

/** Gives heads as they are now. */
export function getHeads({ db, events }: InternalDeps) {
  return async (request: GetHeadsRequest) => {
    const ids = batchOf('ids', request.ids)
    const jobs = batchOf('jobs', request.jobs)
    events.asked('get_heads', ids.length + jobs.length)
    const { heads, asOf } = await findHeads(db, ids, jobs)
    return { heads: heads.map(writeHead), asOf }
  }
}
