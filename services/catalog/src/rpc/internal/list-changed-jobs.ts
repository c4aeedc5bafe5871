import type { ListChangedJobsRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { isUuid, type JobId } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import type { CatalogDb } from '../../store/database.ts'
import {
  beginningOfChanges,
  type ChangeCursor,
  listChangedJobs as list,
} from '../../store/jobs/list-changed-jobs.ts'
import { writeJob } from '../jobs/job-codec.ts'

const defaultLimit = 500
const maxLimit = 1_000

/** Gives the jobs that changed since a cursor. */
export function listChangedJobs({ db }: { readonly db: CatalogDb }) {
  return async ({ since, limit }: ListChangedJobsRequest) => {
    const after = readCursor(since)
    if (after === undefined) throw invalid('since', 'is no `next` of an earlier answer')
    if (limit < 0 || limit > maxLimit) throw invalid('limit', `must be 1 to ${maxLimit}`)
    const { jobs, next, more } = await list(db, after, limit === 0 ? defaultLimit : limit)
    return { jobs: jobs.map(writeJob), next: writeCursor(next), more }
  }
}

function invalid(field: string, description: string) {
  return refuseFields('FIELD_INVALID', [{ field, description }])
}

function readCursor(text: string): ChangeCursor | undefined {
  if (text === '') return beginningOfChanges
  const [, xid = '', id = ''] = /^(0|[1-9]\d{0,18})\.(.{36})$/.exec(text) ?? []
  return isUuid(id) ? { xid, id: id as JobId } : undefined
}

function writeCursor({ xid, id }: ChangeCursor): string {
  return `${xid}.${id}`
}
