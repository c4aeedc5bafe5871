// The notifier's connection to NATS with what hangs on it. It starts with NATS absent and works without it: the run
// feed is then asked for. Nothing here is a fact.

import { type Bus, connectBus } from '@strait/bus/connect-bus'
import { ensureTopology } from '@strait/bus/topology'
import type { Log } from '@strait/service-kit/log'
import type { Part } from '@strait/service-kit/part'

/** Makes the part; `followRunFeed` makes the part that follows the run feed. */
export function createNews(options: {
  readonly url: string
  readonly followRunFeed: (bus: Bus) => Part
  readonly log: Log
}): Part {
  const { url, followRunFeed, log } = options
  let bus: Bus | undefined
  let runFeed: Part | undefined

  return {
    name: 'news',
    async start() {
      if (bus !== undefined) return
      bus = await connectBus({ url, name: 'strait-notifier', log })
      await ensureTopology(bus, { log })
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
