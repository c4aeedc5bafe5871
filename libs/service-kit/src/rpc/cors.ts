// Which web pages may call. A browser asks first whether a page of another origin may, and shows the page only answers that say
// so. Nothing here opens anything by itself: a key is needed all the same, and no cookie counts as one.

import { cors } from '@connectrpc/connect'
import { Refusal } from '../refusal.ts'
import { sendProblem } from '../rest/problem.ts'
import { headerOf, type Request, type Response } from './http-types.ts'

const methods = ['GET', 'POST', 'PATCH', 'DELETE'].join(', ')
const requestHeaders = [
  ...cors.allowedHeaders,
  'Authorization',
  'Idempotency-Key',
  'X-Idempotency-Key',
  'If-Match',
  'Last-Event-ID',
  'Traceparent',
  'X-Strait-Project',
].join(', ')
const answerHeaders = [
  ...cors.exposedHeaders,
  'ETag',
  'Location',
  'Retry-After',
  'Allow',
  'Accept-Post',
  'WWW-Authenticate',
].join(', ')
const maxAgeSecs = '7200'

/** Marks an answer for the page that asks; true when the request was a question of the browser and is answered by that. */
export type Cors = (request: Request, response: Response) => boolean

/** Lets pages of these origins call; `*` is every origin, an empty list none. */
export function createCors(origins: readonly string[]): Cors {
  if (origins.length === 0) return () => false
  const all = origins.includes('*')
  const known = new Set(origins)
  return (request, response) => {
    if (!all) response.setHeader('vary', 'Origin')
    const origin = headerOf(request, 'origin')
    if (origin === undefined) return false
    const isQuestion =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
    if (!all && !known.has(origin)) {
      if (isQuestion)
        sendProblem(response, new Refusal('NOT_ALLOWED', 'pages of this origin may not call here'))
      return isQuestion
    }
    response.setHeader('access-control-allow-origin', all ? '*' : origin)
    response.setHeader('access-control-expose-headers', answerHeaders)
    if (!isQuestion) return false
    response
      .writeHead(204, {
        'access-control-allow-methods': methods,
        'access-control-allow-headers': requestHeaders,
        'access-control-max-age': maxAgeSecs,
      })
      .end()
    return true
  }
}
