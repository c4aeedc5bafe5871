import type { ListEnvironmentsRequest } from '@strait/contracts/catalog/v1/environment_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import type { CatalogDb } from '../../store/database.ts'
import { listEnvironments as list } from '../../store/environments/find-environments.ts'
import { nextPageToken, readPage } from '../read-page.ts'
import { writeEnvironment } from './environment-codec.ts'

/** Answers the environments of the caller's project, newest first, a page at a time. */
export function listEnvironments({ db, tokens }: { readonly db: CatalogDb; readonly tokens: PageTokens }) {
  return async (request: ListEnvironmentsRequest, { caller: { projectId } }: Call) => {
    const theList = ['ListEnvironments', projectId]
    const { after, limit } = readPage(tokens, theList, request)
    const { environments, next } = await list(db, projectId, after, limit)
    return {
      environments: environments.map(writeEnvironment),
      nextPageToken: nextPageToken(tokens, theList, next),
    }
  }
}
