// A body that is passed on while its beginning is kept, as long as that is short: should a service refuse a request unread, it
// can be asked again with the same bytes.

import type { Readable, Writable } from 'node:stream'

const maxKeptBytes = 65_536

/** A body on its way. */
export interface KeptBody {
  /** Passes all of it on to this one, from the first byte; the one before gets no more. Fails when the first byte is gone. */
  sendTo(to: Writable): void
  /** Whether it could be sent again from its first byte. */
  isWhole(): boolean
  /** It will not be sent again: nothing is kept any more. */
  release(): void
  /** Leaves off. */
  detach(): void
}

/** Takes hold of a body; `ended` is told when all of it was handed on. */
export function keepBody(from: Readable, ended: () => void): KeptBody {
  let kept: Buffer[] | undefined = []
  let keptBytes = 0
  let target: Writable | undefined
  let isDone = false

  const resume = () => void from.resume()
  const send = (chunk: Buffer) => {
    if (target === undefined || target.destroyed || target.write(chunk)) return
    from.pause()
    target.once('drain', resume)
  }
  const take = (chunk: Buffer) => {
    keptBytes += chunk.length
    if (keptBytes > maxKeptBytes) kept = undefined
    kept?.push(chunk)
    send(chunk)
  }
  const end = () => {
    isDone = true
    if (target?.destroyed === false) target.end()
    ended()
  }
  return {
    sendTo(to) {
      if (kept === undefined) throw new Error('the beginning of the body is gone')
      if (target === undefined) from.on('data', take).once('end', end)
      target?.off('drain', resume)
      target = to
      for (const chunk of kept) send(chunk)
      if (isDone) to.end()
    },
    isWhole: () => kept !== undefined,
    release() {
      kept = undefined
    },
    detach() {
      from.off('data', take).off('end', end)
      target?.off('drain', resume)
    },
  }
}
