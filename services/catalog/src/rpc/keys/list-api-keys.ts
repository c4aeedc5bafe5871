import type { ListApiKeysRequest } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { Problem } from '../../domain/jobs/job-input.ts'
import type { PageTokens } from '../../domain/page-token.ts'
import type { CatalogDb } from '../../store/database.ts'
import { type KeyPlace, listApiKeys as list } from '../../store/keys/find-api-keys.ts'
import { writeApiKey } from './api-key-codec.ts'

const defaultPageSize = 50
const maxPageSize = 250

/** Answers the keys of the caller's project, newest first, a page at a time. */
export function listApiKeys({ db, tokens }: { readonly db: CatalogDb; readonly tokens: PageTokens }) {
  return async ({ pageSize, pageToken }: ListApiKeysRequest, { caller: { projectId } }: Call) => {
    const theList = ['ListApiKeys', projectId]
    const problems: Problem[] = []
    const [createdAt, id] = pageToken === '' ? [] : (tokens.read(theList, pageToken) ?? [])
    const after: KeyPlace | undefined =
      createdAt === undefined || id === undefined ? undefined : { createdAt, id }
    if (pageToken !== '' && after === undefined)
      problems.push({ field: 'page_token', description: 'is no next_page_token of this list' })
    if (pageSize < 0 || pageSize > maxPageSize)
      problems.push({ field: 'page_size', description: `must be 1 to ${maxPageSize}, not ${pageSize}` })
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)

    const { keys, next } = await list(db, projectId, after, pageSize === 0 ? defaultPageSize : pageSize)
    const nextPageToken = next === undefined ? '' : tokens.write(theList, [next.createdAt, next.id])
    return { apiKeys: keys.map(writeApiKey), nextPageToken }
  }
}
