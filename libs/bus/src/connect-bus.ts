// What a service needs of NATS, in one object that works with and without a server: without one, publishing drops,
// subscriptions and consumers wait, and everything comes back by itself. Postgres holds the facts; this carries news.

import type { NatsConnection } from '@nats-io/transport-node'
import type { ConsumeOptions } from './consume.ts'
import { createConsumer } from './consume.ts'
import { createCorePublisher } from './core-publisher.ts'
import { createLink } from './link.ts'
import { createListeners } from './listeners.ts'
import type { Log } from './log.ts'
import { silentLog } from './log.ts'
import type { Part } from './part.ts'
import { createStreamPublisher } from './stream-publisher.ts'
import type { SubjectHandler, Subscription } from './subscriptions.ts'
import { createSubscriptions } from './subscriptions.ts'

export interface BusOptions {
  /** `nats://host:4222`, or several with commas between; a user, a password or a token may stand before the host. */
  readonly url: string
  /** The name the server shows for this connection. */
  readonly name: string
  readonly token?: string
  readonly log?: Log
}

export interface Bus extends Part {
  /** Sends to whoever listens now; drops without a connection or when the server does not keep up. Never throws. */
  publish(subject: string, bytes: Uint8Array): void
  /** Messages that `publish` dropped since the start. */
  dropped(): number
  /** Hears a subject from now on, over reconnects too; what is sent in between is missed. */
  subscribe(subject: string, handler: SubjectHandler): Subscription
  /** Stores a message in its stream and answers whether that succeeded; never throws. */
  publishStream(subject: string, bytes: Uint8Array): Promise<boolean>
  /** Makes a durable consumer that replicas share; it begins when it is started. */
  consume(options: ConsumeOptions): Part
  connected(): boolean
  /** Calls `fn` at every connect, and at once if connected; answers how to end that. */
  onConnect(fn: () => unknown): () => void
  /** Calls `fn` whenever a stream turns out to be missing; answers how to end that. */
  onStreamMissing(fn: () => unknown): () => void
  /** The client while it is connected, for what this package does with it itself. */
  connection(): NatsConnection | undefined
  /** Sends what is under way and disconnects, within two seconds, whatever became of the server. */
  close(): Promise<void>
}

/** Makes a bus and connects it, or goes on trying in the background: it succeeds with and without a server. */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const bus = createBus(options)
  await bus.start()
  return bus
}

/** A bus that begins to connect when it is started; subscriptions and consumers may be made before. */
export function createBus({ url, name, token, log = silentLog }: BusOptions): Bus {
  const link = createLink({ url, name, token, log })
  const missing = createListeners<[]>(log)
  const onMissing = () => missing.call()
  const core = createCorePublisher(link)
  const stream = createStreamPublisher(link, log, onMissing)
  const subscriptions = createSubscriptions(link, log)
  return {
    publish: core.publish,
    dropped: core.dropped,
    subscribe: subscriptions.subscribe,
    publishStream: stream.publishStream,
    consume: (options) => createConsumer(link, log, options, onMissing),
    connected: () => link.current() !== undefined,
    onConnect: (fn) => link.onUp(fn),
    onStreamMissing: missing.add,
    connection: link.current,
    close: link.close,
    name: 'nats',
    start: link.open,
    stop: link.close,
  }
}
