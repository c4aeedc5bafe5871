// Rows of a feed as they travel: in an answer of ReadFeed, or early in a message.

import { fromBinary } from '@bufbuild/protobuf'
import { FeedNewsSchema, type FeedRow as FeedRowMessage } from '@strait/contracts/events/v1/feed_pb'

/** A row and its place: the order is (xid, pos), both decimal text. */
export interface FeedRow {
  readonly xid: string
  readonly pos: string
  readonly body: Uint8Array
}

/** A row out of an answer of ReadFeed. */
export function fromFeedRowMessage({ cursor, body }: FeedRowMessage): FeedRow {
  return { xid: cursor?.xid ?? '0', pos: cursor?.pos ?? '0', body }
}

/** What a message brings: a row, or the news that there is one to be asked for. */
export function decodeFeedNews(bytes: Uint8Array): FeedRow | 'poke' {
  const { row } = fromBinary(FeedNewsSchema, bytes)
  return row === undefined ? 'poke' : fromFeedRowMessage(row)
}
