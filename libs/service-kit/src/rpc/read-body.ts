import { Refusal } from '../refusal.ts'
import { headerOf, type Request } from './http-types.ts'

/** Reads a body to its end, or refuses it as soon as it is known to be longer than it may be. */
export function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  return new Promise((done, fail) => {
    if (Number(headerOf(request, 'content-length') ?? 0) > maxBytes) return fail(tooLarge(maxBytes))
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= maxBytes) return
      request.off('data', take).pause()
      fail(tooLarge(maxBytes))
    }
    request.on('data', take)
    request.once('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    request.once('error', fail)
    request.once('close', () => {
      if (!request.readableEnded) fail(new Refusal('BODY_MALFORMED', 'the body ended before its end'))
    })
  })
}

/** The refusal of a body, or of what it unpacks to. */
export function tooLarge(maxBytes: number): Refusal {
  return new Refusal('BODY_TOO_LARGE', `the body is larger than ${maxBytes} bytes`, {
    metadata: { max_bytes: String(maxBytes) },
  })
}
