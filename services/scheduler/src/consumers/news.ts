// The scheduler's connection to NATS with all that hangs on it. It starts with NATS absent and works without it: fires
// then go over RPC, changed jobs and outcomes are asked for. Nothing here is a fact.

import { type Bus, connectBus } from '@strait/bus/connect-bus'
import { ensureTopology } from '@strait/bus/topology'
import { subjects } from '@strait/contracts/subjects'
import type { Log } from '@strait/service-kit/log'
import type { Part } from '@strait/service-kit/part'
import type { DueItem } from '../domain/due.ts'
import { encodeDueBatch } from '../wire/due-codec.ts'

export interface NewsOptions {
  readonly url: string
  /** Makes the part that follows the run feed. */
  readonly followRunFeed: (bus: Bus) => Part
  /** Jobs changed. */
  readonly onJobsChanged: () => void
  readonly log: Log
}

export interface News extends Part {
  /** Puts due items on the stream; true once they are stored there. */
  publishDue(items: readonly DueItem[]): Promise<boolean>
}

/** Makes the part. */
export function createNews({ url, followRunFeed, onJobsChanged, log }: NewsOptions): News {
  let bus: Bus | undefined
  let runFeed: Part | undefined

  return {
    name: 'news',
    async publishDue(items) {
      return (await bus?.publishStream(subjects.due, encodeDueBatch(items))) ?? false
    },
    async start() {
      if (bus !== undefined) return
      bus = await connectBus({ url, name: 'strait-scheduler', log })
      await ensureTopology(bus, { log })
      bus.subscribe(subjects.catalogChanged('job'), onJobsChanged)
      runFeed = followRunFeed(bus)
      await runFeed.start()
    },
    async stop() {
      await runFeed?.stop()
      await bus?.close()
      bus = undefined
    },
  }
}
