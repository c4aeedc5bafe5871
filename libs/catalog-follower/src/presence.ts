// A follower says that it is there, so that the catalog waits for it: every second, at once when it is asked, and once more when it goes.
//
// It says so only while it reaches the catalog. One that cannot look up what it hears cannot answer either, and every change would wait
// for it in vain.

import { create, toBinary } from '@bufbuild/protobuf'
import type { Bus } from '@strait/bus/connect-bus'
import { CatalogFollowerSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'

export interface PresenceOptions {
  readonly bus: Pick<Bus, 'publish'>
  readonly followerId: string
  readonly reachesCatalog: () => boolean
  readonly log: Log
}

// The catalog forgets whoever it did not hear of for three seconds.
const everyMs = 1_000

/** Makes a follower known; `nudge` says it at once. */
export function createPresence({
  bus,
  followerId,
  reachesCatalog,
  log,
}: PresenceOptions): Part & { nudge(): void } {
  const say = (leaves: boolean) =>
    bus.publish(
      subjects.catalogFollower,
      toBinary(CatalogFollowerSchema, create(CatalogFollowerSchema, { followerId, leaves })),
    )
  const loop = createLoop({
    name: 'say that a follower is there',
    intervalMs: everyMs,
    log,
    runOnce: async () => {
      if (reachesCatalog()) say(false)
    },
  })
  return {
    ...loop,
    async stop() {
      await loop.stop()
      say(true)
    },
  }
}
