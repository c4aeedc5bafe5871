// The files that the gateway itself serves. They change only with the program, so they are read once and told apart by their
// bytes.

import { createHash } from 'node:crypto'
import type { Request, Response } from '@strait/service-kit/rpc/http-types'

/** A file and what it is. */
export interface Page {
  readonly contentType: string
  readonly bytes: Uint8Array
}

/** Pages by their path. */
export type Pages = Readonly<Record<string, Page>>

/** Makes what answers with a page. */
export function createPages(pages: Pages): (path: string, request: Request, response: Response) => number {
  const tagged = new Map(
    Object.entries(pages).map(([path, page]) => {
      const etag = `"${createHash('sha256').update(page.bytes).digest('base64url').slice(0, 22)}"`
      return [path, { ...page, etag }] as const
    }),
  )
  return (path, request, response) => {
    const page = tagged.get(path)
    const verb = request.method ?? ''
    if (page === undefined) throw new Error(`there is no page ${path}`)
    if (verb !== 'GET' && verb !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return 405
    }
    const { bytes, contentType, etag } = page
    const headers = { etag, 'cache-control': 'no-cache' }
    if (isCurrent(request.headers['if-none-match'], etag)) {
      response.writeHead(304, headers).end()
      return 304
    }
    response.writeHead(200, { ...headers, 'content-type': contentType, 'content-length': bytes.length })
    response.end(verb === 'GET' ? bytes : undefined)
    return 200
  }
}

/** Whether a caller has the page already; it may have it under a weak tag, from a cache on the way. */
function isCurrent(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}
