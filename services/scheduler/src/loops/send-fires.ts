// Sends recorded fires to the dispatchers: many in one message over the stream, those too large for it over RPC.
//
// Nothing rests on it: a fire that is not sent here, because NATS is away, too much is under way or the process dies, is
// pending in the ledger and is sent by the repair loop. So failures are counted and nobody waits for an answer, unless
// too many messages are under way already: then firing waits, too.

import type { Part } from '@strait/service-kit/part'
import type { DueItem } from '../domain/due.ts'
import { splitItems } from '../domain/split-items.ts'
import type { Events } from '../events.ts'
import type { RecordedFire } from '../store/insert-occurrences.ts'

const MOST_UNDER_WAY = 64

export interface SendFiresOptions {
  /** Puts one message on the stream; true once it is stored there. */
  readonly publish: (items: readonly DueItem[]) => Promise<boolean>
  /** Sends pending fires over RPC. */
  readonly sendOverRpc: (runIds: readonly string[]) => Promise<void>
  readonly events: Events
}

/** Makes the sender; stopping it waits for what is under way. */
export function createSendFires({ publish, sendOverRpc, events }: SendFiresOptions): Part & {
  send(fires: readonly RecordedFire[]): Promise<void>
} {
  const underWay = new Set<Promise<unknown>>()

  async function begin(work: () => Promise<unknown>): Promise<void> {
    while (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay)
    const done = work().finally(() => underWay.delete(done))
    underWay.add(done)
  }

  async function publishAll(items: readonly DueItem[]): Promise<void> {
    if (await publish(items)) events.sent(items.length, 'stream')
    else events.notSent(items.length, 'stream')
  }

  return {
    name: 'send-fires',
    async send(fires) {
      for (const items of splitItems(fires.filter(fitsMessage))) {
        await begin(() => publishAll(items))
      }
      const large = fires.filter((fire) => fire.payload === null).map((fire) => fire.runId)
      if (large.length > 0) await begin(() => sendOverRpc(large))
    },
    start: async () => undefined,
    async stop() {
      await Promise.all(underWay)
    },
  }
}

function fitsMessage(fire: RecordedFire): fire is RecordedFire & { readonly payload: string } {
  return fire.payload !== null
}
