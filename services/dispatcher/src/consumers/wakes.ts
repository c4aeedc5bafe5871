// Wakes: entries of runs that another replica stored, or gave back, for shards that are this one's. And the same the other way round.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Bus } from '@strait/bus/connect-bus'
import { type WakeEntry, WakeSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import type { Entry } from '../domain/entry.ts'

/** What wakes are made of. */
export interface WakesDeps {
  readonly bus: Bus
  readonly owned: () => ReadonlySet<number>
  /** Takes entries of own shards in. */
  readonly admit: (entries: readonly Entry[]) => void
}

/** Sends entries to whoever owns them. */
export interface Wakes {
  offer(entries: readonly Entry[]): void
  /** Listens for these shards from now on, and for no others. */
  listen(shards: ReadonlySet<number>): void
}

const maxEntries = 500

/** Wakes over a bus. */
export function createWakes(deps: WakesDeps): Wakes {
  const subscriptions = new Map<number, { unsubscribe(): void }>()
  return {
    offer(entries) {
      const owned = deps.owned()
      const mine = entries.filter((entry) => owned.has(entry.shard))
      if (mine.length > 0) deps.admit(mine)
      if (mine.length === entries.length) return
      const others = Map.groupBy(
        entries.filter((entry) => !owned.has(entry.shard)),
        (entry) => entry.shard,
      )
      for (const [shard, group] of others) {
        for (let i = 0; i < group.length; i += maxEntries) {
          const wake = create(WakeSchema, { entries: group.slice(i, i + maxEntries).map(toMessage) })
          deps.bus.publish(subjects.wake(shard), toBinary(WakeSchema, wake))
        }
      }
    },
    listen(shards) {
      for (const [shard, subscription] of subscriptions) {
        if (shards.has(shard)) continue
        subscription.unsubscribe()
        subscriptions.delete(shard)
      }
      for (const shard of shards) {
        if (subscriptions.has(shard)) continue
        const admit = (bytes: Uint8Array) => {
          if (deps.owned().has(shard))
            deps.admit(fromBinary(WakeSchema, bytes).entries.map((entry) => toEntry(entry, shard)))
        }
        subscriptions.set(shard, deps.bus.subscribe(subjects.wake(shard), admit))
      }
    },
  }
}

function toMessage({ dueAtMs, shard: _, ...entry }: Entry) {
  return { ...entry, dueAtMs: BigInt(Math.round(dueAtMs)), fence: BigInt(entry.fence) }
}

function toEntry(entry: WakeEntry, shard: number): Entry {
  return {
    runId: entry.runId,
    projectId: entry.projectId,
    jobId: entry.jobId,
    shard,
    version: entry.version,
    dueAtMs: Number(entry.dueAtMs),
    fence: Number(entry.fence),
    attempt: entry.attempt,
  }
}
