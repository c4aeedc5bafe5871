/** A place in a feed: the transaction that wrote the row and its position, as decimal text. */
export interface Cursor {
  readonly xid: string
  readonly pos: string
}

/** One write batch's news. */
export interface FeedRow extends Cursor {
  readonly body: Uint8Array
}

/** Says whether `a` comes after `b`. */
export function isAfter(a: Cursor, b: Cursor): boolean {
  if (a.xid !== b.xid) return BigInt(a.xid) > BigInt(b.xid)
  return BigInt(a.pos) > BigInt(b.pos)
}
