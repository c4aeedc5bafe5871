// What every list asks for: how many, and where to go on.

import type { Problem } from '../domain/jobs/job-input.ts'
import type { PageTokens } from '../domain/page-token.ts'

const defaultPageSize = 50
const maxPageSize = 250

/** The page that a request asks for. */
export interface AskedPage {
  readonly limit: number
  /** Where it begins; undefined for the first page. */
  readonly after: readonly string[] | undefined
  readonly problems: readonly Problem[]
}

/** Reads which page of a list is asked for. `list` names the list with its filters: a token of another one is none. */
export function readAskedPage(
  tokens: PageTokens,
  list: readonly string[],
  { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string },
): AskedPage {
  const problems: Problem[] = []
  const after = pageToken === '' ? undefined : tokens.read(list, pageToken)
  if (pageToken !== '' && after === undefined)
    problems.push({
      field: 'page_token',
      description: 'is no next_page_token of this list under these filters',
    })
  if (pageSize < 0 || pageSize > maxPageSize)
    problems.push({ field: 'page_size', description: `must be 1 to ${maxPageSize}, not ${pageSize}` })
  return { limit: pageSize === 0 ? defaultPageSize : pageSize, after, problems }
}
