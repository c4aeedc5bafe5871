// The rows that were handled before the cursor reached them. Bounded: a row that is forgotten is handled once more when
// the cursor comes by, which is harmless.

import type { Cursor } from './feed-place.ts'
import { isAfter } from './feed-place.ts'

export interface HandledRows {
  has(row: Cursor): boolean
  add(rows: readonly Cursor[]): void
  /** Forgets what lies at or before the cursor, which from now on stands for it. */
  passedBy(cursor: Cursor): void
}

/** Makes an empty memory of at most `max` rows and of how far the cursor has come. */
export function createHandledRows(max = 10_000): HandledRows {
  const handled = new Map<string, Cursor>()
  let passed: Cursor = { xid: '0', pos: '0' }
  const keyOf = (row: Cursor) => `${row.xid}/${row.pos}`
  return {
    has: (row) => handled.has(keyOf(row)) || !isAfter(row, passed),
    add(rows) {
      for (const { xid, pos } of rows) handled.set(keyOf({ xid, pos }), { xid, pos })
      for (const oldest of handled.keys()) {
        if (handled.size <= max) break
        handled.delete(oldest)
      }
    },
    passedBy(cursor) {
      if (!isAfter(cursor, passed)) return
      passed = cursor
      for (const [key, row] of handled) if (!isAfter(row, cursor)) handled.delete(key)
    },
  }
}
