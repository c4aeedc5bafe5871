import type { ListEnvironmentsRequest } from '@strait/contracts/catalog/v1/environment_service_pb'
import { isUuid } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { Problem } from '../../domain/jobs/job-input.ts'
import type { PageTokens } from '../../domain/page-token.ts'
import type { CatalogDb } from '../../store/database.ts'
import {
  type EnvironmentPlace,
  listEnvironments as list,
} from '../../store/environments/find-environments.ts'
import { writeEnvironment } from './environment-codec.ts'

const defaultPageSize = 50
const maxPageSize = 250

/** Answers the environments of the caller's project, newest first, a page at a time. */
export function listEnvironments({ db, tokens }: { readonly db: CatalogDb; readonly tokens: PageTokens }) {
  return async ({ pageSize, pageToken }: ListEnvironmentsRequest, { caller: { projectId } }: Call) => {
    const theList = ['ListEnvironments', projectId]
    const problems: Problem[] = []
    const [createdAt, id] = pageToken === '' ? [] : (tokens.read(theList, pageToken) ?? [])
    const after: EnvironmentPlace | undefined =
      createdAt === undefined || id === undefined || !isUuid(id) ? undefined : { createdAt, id }
    if (pageToken !== '' && after === undefined)
      problems.push({ field: 'page_token', description: 'is no next_page_token of this list' })
    if (pageSize < 0 || pageSize > maxPageSize)
      problems.push({ field: 'page_size', description: `must be 1 to ${maxPageSize}, not ${pageSize}` })
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)

    const page = await list(db, projectId, after, pageSize === 0 ? defaultPageSize : pageSize)
    const { next } = page
    const nextPageToken = next === undefined ? '' : tokens.write(theList, [next.createdAt, next.id])
    return { environments: page.environments.map(writeEnvironment), nextPageToken }
  }
}
