import { refuseFields } from '@strait/service-kit/refusal'
import type { Problem } from '../../domain/jobs/job-input.ts'
import type { PageTokens } from '../../domain/page-token.ts'

const defaultPageSize = 50
const maxPageSize = 250

/** Which page a request asks for. */
export interface PageAsked {
  readonly limit: number
  /** The place after which it begins; undefined for the first page. */
  readonly after: readonly string[] | undefined
}

/** Reads which page a request asks for; refuses it together with whatever else is wrong with the request. */
export function readPage(
  tokens: PageTokens,
  list: readonly string[],
  { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string },
  others: readonly Problem[] = [],
): PageAsked {
  const problems = [...others]
  const after = pageToken === '' ? undefined : tokens.read(list, pageToken)
  if (pageToken !== '' && after === undefined)
    problems.push({ field: 'page_token', description: 'is no next_page_token of this list' })
  if (pageSize < 0 || pageSize > maxPageSize)
    problems.push({ field: 'page_size', description: `must be 1 to ${maxPageSize}, not ${pageSize}` })
  if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
  return { limit: pageSize === 0 ? defaultPageSize : pageSize, after }
}
