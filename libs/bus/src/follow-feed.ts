// The follower's side of a feed: nothing is missed, and most of it comes within milliseconds.
//
//   JetStream message ── row ──▶ handle(rows)                    at once, the cursor stays
//                     └─ poke ─┐
//   start, reconnect, pollMs ──┴▶ read(after cursor) ─▶ handle(what is left, advanceTo)   until there is no more
//
// The poll is what counts: it reads settled rows in order, and the store writes what it makes of them together with the
// cursor, in one transaction. Messages only bring the same rows sooner. They may be lost, late, doubled, out of order
// or all of that, and NATS may be missing altogether.
//
// Dying after rows were handled and before the cursor moved, they are handled again: handling is idempotent. Two
// replicas repeat each other's rows at times, and never miss one. Within one process, rows are handled one call at a
// time.

import type { Bus } from './connect-bus.ts'
import type { Message } from './consume.ts'
import type { Cursor, FeedRow } from './feed-place.ts'
import { createHandledRows } from './handled-rows.ts'
import type { Log } from './log.ts'
import type { Part } from './part.ts'
import { createPart } from './part.ts'
import { pause } from './within.ts'

export interface FeedFollowerOptions {
  /** Who follows. Replicas with the same name share the messages. */
  readonly name: string
  /** Whose feed. */
  readonly feed: string
  /** The stream and the subject its messages come by. */
  readonly stream: string
  readonly subject: string
  readonly bus: Pick<Bus, 'consume' | 'onConnect'>
  /** Reads settled rows after a cursor from the feed's owner, in order. */
  readonly read: (after: Cursor, limit: number) => Promise<{ readonly rows: readonly FeedRow[] }>
  /** Reads the cursor from the follower's own store. */
  readonly load: () => Promise<Cursor>
  /** Handles rows, idempotently; with `advanceTo` it moves the stored cursor there in the same transaction. */
  readonly handle: (rows: readonly FeedRow[], advanceTo?: Cursor) => Promise<void>
  /** What a message holds: a row, or only the word that there is one. */
  readonly decode: (bytes: Uint8Array) => FeedRow | 'poke'
  readonly pollMs?: number
  readonly log: Log
}

const pageRows = 500
const batch = 64
const ackWaitMs = 30_000
const failingPollMaxMs = 10_000

/** Makes the part that follows a feed. */
export function createFeedFollower(options: FeedFollowerOptions): Part {
  const { name, feed, stream, subject, bus, read, load, handle, decode, pollMs = 2_000, log } = options
  const handled = createHandledRows()
  let poke = new AbortController()
  let failures = 0
  let queue: Promise<unknown> = Promise.resolve()

  // Rows that come by a message and rows that are read would otherwise be handled at the same time.
  function oneAtATime(work: () => Promise<void>): Promise<void> {
    const done = queue.then(work)
    queue = done.catch(() => undefined)
    return done
  }

  async function pollAll(signal: AbortSignal): Promise<void> {
    let cursor = await load()
    handled.passedBy(cursor)
    while (!signal.aborted) {
      const { rows } = await read(cursor, pageRows)
      const last = rows.at(-1)
      if (last === undefined) return
      const { xid, pos } = last
      cursor = { xid, pos }
      await oneAtATime(() => handleAndAdvance(rows, { xid, pos }))
    }
  }

  async function handleAndAdvance(rows: readonly FeedRow[], advanceTo: Cursor): Promise<void> {
    await handle(
      rows.filter((row) => !handled.has(row)),
      advanceTo,
    )
    handled.passedBy(advanceTo)
  }

  async function handleEarly(rows: readonly FeedRow[]): Promise<void> {
    const fresh = rows.filter((row) => !handled.has(row))
    if (fresh.length === 0) return
    await handle(fresh)
    handled.add(fresh)
  }

  // Never fails: what a message could not bring, the poll does.
  async function onMessages(messages: readonly Message[]): Promise<void> {
    const rows = new Map<string, FeedRow>()
    for (const message of messages) {
      const content = decodeOrPoke(message)
      if (content === 'poke') poke.abort()
      else rows.set(content.pos, content)
    }
    if (failures > 0) return
    await oneAtATime(() => handleEarly([...rows.values()])).catch((error) => {
      tellFailure(error)
      poke.abort()
    })
  }

  function decodeOrPoke(message: Message): FeedRow | 'poke' {
    try {
      return decode(message.data)
    } catch (error) {
      log.warn(
        { follower: name, feed, subject: message.subject, err: error },
        'a feed message makes no sense',
      )
      return 'poke'
    }
  }

  function tellFailure(error: unknown): void {
    if (failures++ === 0)
      log.error({ follower: name, feed, err: error }, 'cannot follow the feed, trying again')
  }

  function tellSuccess(): void {
    if (failures > 0) log.info({ follower: name, feed, failures }, 'following the feed again')
    failures = 0
  }

  async function run(signal: AbortSignal): Promise<void> {
    const off = bus.onConnect(() => poke.abort())
    while (!signal.aborted) {
      poke = new AbortController()
      await pollAll(signal).then(tellSuccess, tellFailure)
      await rest(signal)
    }
    off()
  }

  // Pokes are obeyed at once, except while it fails: then they would only make it fail more often.
  async function rest(signal: AbortSignal): Promise<void> {
    const jitter = 0.9 + Math.random() * 0.2
    if (failures === 0) await pause(pollMs * jitter, AbortSignal.any([signal, poke.signal]))
    else await pause(Math.min(pollMs * 2 ** failures, Math.max(failingPollMaxMs, pollMs)) * jitter, signal)
  }

  const polling = createPart(`poll ${feed}`, run)
  const consuming = bus.consume({
    stream,
    durable: `${name}-${feed}`,
    filterSubject: subject,
    from: 'new',
    batch,
    ackWaitMs,
    handler: onMessages,
  })
  return {
    name: `follow ${feed}`,
    async start() {
      await Promise.all([polling.start(), consuming.start()])
    },
    async stop() {
      await Promise.all([polling.stop(), consuming.stop()])
    },
  }
}
