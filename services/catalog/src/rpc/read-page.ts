// A page of a list that is asked for, and the token of the one after it.

import { refuseFields } from '@strait/service-kit/refusal'
import type { Problem } from '../domain/jobs/job-input.ts'
import type { PageTokens } from '../domain/page-token.ts'
import type { PlaceByAge } from '../store/by-age.ts'

const defaultPageSize = 50
const maxPageSize = 250

interface Asked {
  readonly pageSize: number
  readonly pageToken: string
}

/**
 * Reads which page is asked for of a list that is ordered by age. `list` names the list: what is listed, and everything that it is
 * filtered by. What is wrong is refused together with whatever else is wrong with the request.
 */
export function readPage(
  tokens: PageTokens,
  list: readonly string[],
  asked: Asked,
  others: readonly Problem[] = [],
): { readonly after: PlaceByAge | undefined; readonly limit: number } {
  const { after, limit } = readPlace(tokens, list, asked, others)
  const [createdAt, id] = after ?? []
  return { after: createdAt === undefined || id === undefined ? undefined : { createdAt, id }, limit }
}

/** The same for a list whose places are something else. */
export function readPlace(
  tokens: PageTokens,
  list: readonly string[],
  { pageSize, pageToken }: Asked,
  others: readonly Problem[] = [],
): { readonly after: readonly string[] | undefined; readonly limit: number } {
  const problems = [...others]
  const after = pageToken === '' ? undefined : tokens.read(list, pageToken)
  if (pageToken !== '' && after === undefined)
    problems.push({
      field: 'page_token',
      description: 'is no next_page_token of this list under these filters',
    })
  if (pageSize < 0 || pageSize > maxPageSize)
    problems.push({ field: 'page_size', description: `must be 1 to ${maxPageSize}, not ${pageSize}` })
  if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
  return { after, limit: pageSize === 0 ? defaultPageSize : pageSize }
}

/** The token of the page that begins at a place; empty where there is none. */
export function nextPageToken(
  tokens: PageTokens,
  list: readonly string[],
  next: PlaceByAge | undefined,
): string {
  return next === undefined ? '' : tokens.write(list, [next.createdAt, next.id])
}
