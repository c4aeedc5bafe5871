import type { ListApiKeysRequest } from '@strait/contracts/catalog/v1/api_key_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import type { CatalogDb } from '../../store/database.ts'
import { listApiKeys as list } from '../../store/keys/find-api-keys.ts'
import { nextPageToken, readPage } from '../read-page.ts'
import { writeApiKey } from './api-key-codec.ts'

/** Answers the keys of the caller's project, newest first, a page at a time. */
export function listApiKeys({ db, tokens }: { readonly db: CatalogDb; readonly tokens: PageTokens }) {
  return async (request: ListApiKeysRequest, { caller: { projectId } }: Call) => {
    const theList = ['ListApiKeys', projectId]
    const { after, limit } = readPage(tokens, theList, request)
    const { items, next } = await list(db, projectId, after, limit)
    return { apiKeys: items.map(writeApiKey), nextPageToken: nextPageToken(tokens, theList, next) }
  }
}
