// News of keys that another replica of the catalog changed: what this one remembers of them is forgotten at once. A message
// that got lost costs nothing but time: nothing is remembered for more than a few seconds.

import { fromBinary } from '@bufbuild/protobuf'
import type { Bus } from '@strait/bus/connect-bus'
import { KeysChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import { type Part, takingTurns } from '@strait/service-kit/part'

/** Listens for changed keys. */
export function createKeyNews(bus: Bus, forget: (keyIds: readonly string[]) => void): Part {
  let subscription: { unsubscribe(): void } | undefined
  return takingTurns('key-news', {
    start: async () => {
      subscription = bus.subscribe(subjects.keysChanged, (bytes) =>
        forget(fromBinary(KeysChangedSchema, bytes).keyIds),
      )
    },
    stop: async () => subscription?.unsubscribe(),
  })
}
