// Documents that are served as they are, such as the description of the API. They need no key: they say nothing of anybody.

import { createHash } from 'node:crypto'
import { headerOf, type Request, type Response } from './http-types.ts'

/** One document. */
export interface Page {
  readonly type: string
  readonly body: Uint8Array
}

/** Documents by their path. */
export type Pages = ReadonlyMap<string, Page>

/** Serves documents; false for a request of something else. */
export function createPages(pages: Pages): (request: Request, response: Response) => boolean {
  const tags = new Map(
    Array.from(pages, ([path, { body }]) => [
      path,
      `"${createHash('sha256').update(body).digest('base64url')}"`,
    ]),
  )
  return (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? ''
    const page = pages.get(path)
    if (page === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false
    const etag = tags.get(path) ?? ''
    response.setHeader('etag', etag)
    response.setHeader('cache-control', 'no-cache')
    if (headerOf(request, 'if-none-match') === etag) {
      response.writeHead(304).end()
      return true
    }
    response.writeHead(200, { 'content-type': page.type, 'content-length': page.body.length })
    response.end(request.method === 'HEAD' ? undefined : page.body)
    return true
  }
}
