// News over core NATS that make this replica look sooner than it would by itself.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Bus } from '@strait/bus/connect-bus'
import { KeysChangedSchema, ShardsMovedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import type { Part } from '@strait/service-kit/part'

/** Listens for changed keys and moved shards; what else changes in the catalog is its follower's to hear. */
export function createNewsListener(
  bus: Bus,
  on: {
    readonly keysChanged: (keyIds: readonly string[]) => void
    readonly shardsMoved: () => void
  },
): Part {
  let subscriptions: { unsubscribe(): void }[] = []
  return {
    name: 'news-listener',
    async start() {
      if (subscriptions.length > 0) return
      subscriptions = [
        bus.subscribe(subjects.keysChanged, (bytes) =>
          on.keysChanged(fromBinary(KeysChangedSchema, bytes).keyIds),
        ),
        bus.subscribe(subjects.shards, () => on.shardsMoved()),
      ]
    },
    async stop() {
      for (const subscription of subscriptions) subscription.unsubscribe()
      subscriptions = []
    },
  }
}

/** The message that tells others of moved shards. */
export function encodeShardsMoved(shards: readonly number[]): Uint8Array {
  return toBinary(ShardsMovedSchema, create(ShardsMovedSchema, { shards: [...shards] }))
}
