// How due items are shared out over messages. Pure.

import type { DueItem } from './due.ts'

const MOST_ITEMS = 500
const MOST_BYTES = 512 * 1024
// Ids, times and field tags of one item, rounded up.
const OVERHEAD_BYTES = 256

/** Splits items into messages of at most 500 items and 512 KiB, in their order; an item larger than that stands alone. */
export function splitItems(items: readonly DueItem[]): readonly (readonly DueItem[])[] {
  const messages: DueItem[][] = []
  let message: DueItem[] = []
  let bytes = 0
  for (const item of items) {
    const size = OVERHEAD_BYTES + Buffer.byteLength(item.payload)
    if (message.length === MOST_ITEMS || (message.length > 0 && bytes + size > MOST_BYTES)) {
      messages.push(message)
      message = []
      bytes = 0
    }
    message.push(item)
    bytes += size
  }
  if (message.length > 0) messages.push(message)
  return messages
}
