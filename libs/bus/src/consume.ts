// A durable consumer that the replicas of a service share: each message goes to one of them, in batches.
//
// Messages come by one pull at a time, which brings at most a batch. While the handler works, what arrives gathers and
// is handed over together when it returns; then it is acknowledged. An acknowledgement may get lost, a process may die
// before it: the message comes again after the ack wait, to this replica or another, so handlers are idempotent.
//
// Messages of a batch whose handler threw come again later, each alone, so that one that can never be handled does not
// keep back the others. None is ever given up; the stream's age limit ends them.
//
// A lost connection, a deleted consumer or stream, a wiped store: the pull ends, and the loop starts from the top by
// making sure of the consumer.

import type { Consumer, JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { ConsumerSettings } from './ensure-consumer.ts'
import { ensureConsumer } from './ensure-consumer.ts'
import { isStreamMissing } from './is-stream-missing.ts'
import type { Link } from './link.ts'
import type { Log } from './log.ts'
import type { Part } from './part.ts'
import { createPart } from './part.ts'
import { pause } from './within.ts'

export interface Message {
  readonly subject: string
  readonly data: Uint8Array
  /** 1 at first; more when it was handed out before. */
  readonly deliveries: number
}

export interface ConsumeOptions extends ConsumerSettings {
  /** The most messages handed over together. */
  readonly batch: number
  /** Handles all of them or throws. */
  readonly handler: (messages: readonly Message[]) => Promise<void>
  /** How long a message waits after its handler threw for the first time; it doubles up to 30 s. */
  readonly retryMs?: number
}

const pullMs = 5_000
const againMs = 500
const againMaxMs = 5_000
const retryMaxMs = 30_000
// Given back without any delay while a pull ends, the server hands one message out twice and keeps another until its
// ack wait is over: 11 of 16 times with two messages, never with a delay.
const giveBackMs = 1

/** Makes the consumer's part; nothing happens before it is started. */
export function createConsumer(link: Link, log: Log, options: ConsumeOptions, onMissing: () => void): Part {
  const { stream, durable, batch, handler, ackWaitMs, retryMs = 1_000 } = options
  let failures = 0

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const connection = link.current()
      if (connection === undefined) await untilUp(signal)
      else await pullAll(connection, signal).catch((error) => waitAfter(error, connection, signal))
    }
  }

  async function waitAfter(error: unknown, connection: NatsConnection, signal: AbortSignal): Promise<void> {
    if (signal.aborted || link.current() !== connection) return
    if (isStreamMissing(error)) onMissing()
    if (failures === 0) log.warn({ stream, durable, err: error }, 'cannot consume, trying again')
    await pause(Math.min(againMs * 2 ** failures++, againMaxMs), signal)
  }

  async function untilUp(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const off = link.onUp(() => resolve())
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    off()
  }

  async function pullAll(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    const consumer = await ensureConsumer(connection, options)
    failures = 0
    const lost = new AbortController()
    const off = link.onDown(() => lost.abort())
    const ending = AbortSignal.any([signal, lost.signal])
    try {
      while (!ending.aborted && link.current() === connection) await pullOnce(consumer, signal, ending)
    } finally {
      off()
    }
  }

  async function pullOnce(consumer: Consumer, signal: AbortSignal, ending: AbortSignal): Promise<void> {
    const arrived: JsMsg[] = []
    let handing: Promise<void> | undefined
    const handOver = async () => {
      await new Promise((resolve) => setImmediate(resolve)) // What came in the same read goes together.
      while (arrived.length > 0 && !signal.aborted) await deliver(arrived.splice(0), signal)
      handing = undefined
    }
    const pull = await consumer.fetch({ max_messages: batch, expires: pullMs })
    const stop = () => pull.stop()
    if (ending.aborted) stop()
    ending.addEventListener('abort', stop)
    try {
      for await (const message of pull) {
        arrived.push(message)
        handing ??= handOver()
      }
    } finally {
      ending.removeEventListener('abort', stop)
      await handing
      for (const message of arrived) message.nak(giveBackMs)
    }
  }

  async function deliver(messages: readonly JsMsg[], signal: AbortSignal): Promise<void> {
    const until = performance.now() + ackWaitMs
    const fresh = messages.filter((message) => !message.redelivered)
    const again = messages.filter((message) => message.redelivered)
    if (fresh.length > 0) await handle(fresh)
    for (const message of again) {
      if (signal.aborted || performance.now() > until) message.nak(giveBackMs)
      else await handle([message])
    }
  }

  async function handle(messages: readonly JsMsg[]): Promise<void> {
    try {
      await handler(messages.map(toMessage))
      for (const message of messages) message.ack()
    } catch (error) {
      log.error(
        { stream, durable, count: messages.length, err: error },
        'messages were not handled, they come again',
      )
      for (const message of messages) {
        message.nak(Math.min(retryMs * 2 ** (message.info.deliveryCount - 1), retryMaxMs))
      }
    }
  }

  return createPart(`consume ${durable}`, run)
}

function toMessage(message: JsMsg): Message {
  return { subject: message.subject, data: message.data, deliveries: message.info.deliveryCount }
}
