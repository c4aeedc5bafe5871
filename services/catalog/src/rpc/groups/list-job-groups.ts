import type {
  GetJobGroupRequest,
  ListJobGroupsRequest,
} from '@strait/contracts/catalog/v1/job_group_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import type { CatalogDb } from '../../store/database.ts'
import { listJobGroups as list } from '../../store/groups/find-job-groups.ts'
import { nextPageToken, readPage } from '../read-page.ts'
import { writeJobGroup } from './job-group-codec.ts'
import { requireJobGroup } from './job-group-ref.ts'

/** Answers a group of the caller's project by its id or slug. */
export function getJobGroup({ db }: { readonly db: CatalogDb }) {
  return async ({ group }: GetJobGroupRequest, { caller }: Call) => ({
    jobGroup: writeJobGroup(await requireJobGroup(db, caller.projectId, group)),
  })
}

/** Answers the groups of the caller's project, newest first, a page at a time. */
export function listJobGroups({ db, tokens }: { readonly db: CatalogDb; readonly tokens: PageTokens }) {
  return async (request: ListJobGroupsRequest, { caller: { projectId } }: Call) => {
    const theList = ['ListJobGroups', projectId]
    const { after, limit } = readPage(tokens, theList, request)
    const { items, next } = await list(db, projectId, after, limit)
    return { jobGroups: items.map(writeJobGroup), nextPageToken: nextPageToken(tokens, theList, next) }
  }
}
