import type { Readable, Writable } from 'node:stream'

/**
 * Passes bytes on as they come, no faster than they are taken; what it returns leaves off. The end is not passed on. `passing` is
 * told of each piece.
 */
export function pump(from: Readable, to: Writable, passing?: (chunk: Buffer) => void): () => void {
  const resume = () => void from.resume()
  const pass = (chunk: Buffer) => {
    if (to.destroyed || to.writableEnded) return
    passing?.(chunk)
    if (to.write(chunk)) return
    from.pause()
    to.once('drain', resume)
  }
  from.on('data', pass)
  return () => {
    from.off('data', pass)
    to.off('drain', resume)
  }
}
