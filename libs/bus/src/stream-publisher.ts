// News that JetStream stores for an hour. The answer says whether it did; nobody tries again, because whoever the news
// is for finds it in Postgres anyway. What is under way is bounded in number and in bytes.

import type { JetStreamClient } from '@nats-io/jetstream'
import { jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { isStreamMissing } from './is-stream-missing.ts'
import type { Link } from './link.ts'
import type { Log } from './log.ts'

export interface StreamPublisher {
  /** Answers true once the message is stored; never throws. */
  publishStream(subject: string, bytes: Uint8Array): Promise<boolean>
}

const timeoutMs = 2_000
const inFlightMax = 1_000
const inFlightBytesMax = 32 * 2 ** 20

/** Makes the sender of news that is stored; `onMissing` is told when no stream takes a message. */
export function createStreamPublisher(link: Link, log: Log, onMissing: () => void): StreamPublisher {
  const clients = new WeakMap<NatsConnection, JetStreamClient>()
  let inFlight = 0
  let inFlightBytes = 0
  let isFailing = false

  function clientOf(connection: NatsConnection): JetStreamClient {
    const known = clients.get(connection) ?? jetstream(connection)
    clients.set(connection, known)
    return known
  }

  function tell(subject: string, error: unknown): void {
    if (isFailing) return
    isFailing = true
    log.warn({ subject, err: error }, 'JetStream does not store, followers poll instead')
  }

  async function publishStream(subject: string, bytes: Uint8Array): Promise<boolean> {
    const connection = link.current()
    if (connection === undefined) return false
    if (inFlight >= inFlightMax || inFlightBytes + bytes.length > inFlightBytesMax) return false
    inFlight++
    inFlightBytes += bytes.length
    try {
      await clientOf(connection).publish(subject, bytes, { timeout: timeoutMs })
      isFailing = false
      return true
    } catch (error) {
      tell(subject, error)
      if (isStreamMissing(error)) onMissing()
      return false
    } finally {
      inFlight--
      inFlightBytes -= bytes.length
    }
  }

  return { publishStream }
}
