// News that may be lost: sent if the connection is up and takes it, else dropped and counted.
//
// The client buffers without bound when the server stops reading. So what was sent and not yet confirmed by a round
// trip is counted, one round trip at a time and only when there is something worth confirming.

import type { NatsConnection } from '@nats-io/transport-node'
import type { Link } from './link.ts'

export interface CorePublisher {
  /** Sends or drops; never throws and never waits. */
  publish(subject: string, bytes: Uint8Array): void
  /** Messages dropped since the start. */
  dropped(): number
}

const unconfirmedBytesMax = 8 * 2 ** 20
const confirmEveryBytes = 256 * 2 ** 10
const overheadBytes = 32

/** Makes the sender of news that may be lost. */
export function createCorePublisher(link: Link): CorePublisher {
  let dropped = 0
  let unconfirmedBytes = 0
  let isConfirming = false

  // What was on its way is lost with the connection, and its confirmation may never come.
  link.onDown(() => {
    unconfirmedBytes = 0
    isConfirming = false
  })

  function publish(subject: string, bytes: Uint8Array): void {
    const client = link.current()
    const size = subject.length + bytes.length + overheadBytes
    if (client === undefined || unconfirmedBytes + size > unconfirmedBytesMax) {
      dropped++
      return
    }
    try {
      client.publish(subject, bytes)
      unconfirmedBytes += size
      if (unconfirmedBytes >= confirmEveryBytes) void confirm(client)
    } catch {
      dropped++ // Larger than the server takes, or the connection ended just now.
    }
  }

  async function confirm(client: NatsConnection): Promise<void> {
    if (isConfirming) return
    isConfirming = true
    const bytes = unconfirmedBytes
    try {
      await client.flush()
      unconfirmedBytes -= bytes
      isConfirming = false
    } catch {
      // The connection was lost: counted anew since then.
    }
  }

  return { publish, dropped: () => dropped }
}
