import type { Consumer, ConsumerConfig } from '@nats-io/jetstream'
import { AckPolicy, DeliverPolicy, JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { nanos } from '@nats-io/transport-node'

import { isStreamMissing } from './is-stream-missing.ts'

export interface ConsumerSettings {
  readonly stream: string
  /** The name the replicas share. */
  readonly durable: string
  readonly filterSubject: string
  /** How long a message may be worked on before it is handed out again. */
  readonly ackWaitMs: number
  /** Where a new consumer begins: with all that the stream holds, which is the default, or with what comes next. */
  readonly from?: 'all' | 'new'
}

const unacknowledgedMax = 10_000

/** Makes sure that a durable consumer exists with these settings. */
export async function ensureConsumer(
  connection: NatsConnection,
  settings: ConsumerSettings,
): Promise<Consumer> {
  const { stream, durable, filterSubject, ackWaitMs, from = 'all' } = settings
  const manager = await jetstreamManager(connection, { checkAPI: false })
  const config: Partial<ConsumerConfig> = {
    durable_name: durable,
    filter_subject: filterSubject,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    deliver_policy: from === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
    max_ack_pending: unacknowledgedMax,
    max_deliver: -1,
  }
  const info = await manager.consumers.add(stream, config).catch((error) => {
    if (!(error instanceof JetStreamApiError) || isStreamMissing(error)) throw error
    // It exists with other settings. Where it began cannot be changed, and need not be.
    const { deliver_policy: _, ...changeable } = config
    return manager.consumers.update(stream, durable, changeable)
  })
  return jetstream(connection).consumers.getConsumerFromInfo(info)
}
