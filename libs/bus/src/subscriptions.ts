// Subscriptions of core NATS that outlive every connection. The client renews its own after a reconnect; a new client
// gets them all again. What is sent while there is no connection is missed: core NATS keeps nothing.

import type { Subscription as ClientSubscription, NatsConnection } from '@nats-io/transport-node'
import type { Link } from './link.ts'
import { callSafely } from './listeners.ts'
import type { Log } from './log.ts'

/** Called for each message; nobody awaits it, and what it throws is logged. */
export type SubjectHandler = (bytes: Uint8Array, subject: string) => unknown

export interface Subscription {
  unsubscribe(): void
}

interface Entry {
  readonly subject: string
  readonly handler: SubjectHandler
  client?: NatsConnection
  current?: ClientSubscription
}

/** Makes the register of subscriptions. */
export function createSubscriptions(link: Link, log: Log) {
  const entries = new Set<Entry>()

  function open(entry: Entry, client: NatsConnection): void {
    if (entry.client === client) return
    entry.client = client
    entry.current = client.subscribe(entry.subject, {
      callback: (error, message) => {
        if (error) log.warn({ subject: entry.subject, err: error }, 'a subscription was refused')
        else callSafely(log, () => entry.handler(message.data, message.subject))
      },
    })
  }

  link.onUp((client) => {
    for (const entry of entries) open(entry, client)
  })

  return {
    subscribe(subject: string, handler: SubjectHandler): Subscription {
      const entry: Entry = { subject, handler }
      entries.add(entry)
      const client = link.current()
      if (client !== undefined) open(entry, client)
      return {
        unsubscribe() {
          entries.delete(entry)
          if (entry.client?.isClosed() === false) entry.current?.unsubscribe()
        },
      }
    },
  }
}
