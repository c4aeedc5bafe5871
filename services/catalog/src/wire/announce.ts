// What the catalog tells its followers after a commit, and how it waits for them.
//
// Whoever changed something is answered once every follower that is there has taken the change in, so that what they do next is done with
// it. A follower that hangs costs them `waitMs` and no more; without NATS there is nobody to wait for. Nothing is lost if all of this fails
// or the process dies here: followers ask what changed since their cursor every second.
//
// What is announced within one turn of the event loop goes out as one message for each kind. So many changes at once cost few messages, and
// few look-ups at the followers.

import { create, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { CatalogChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { type CatalogKind, subjects } from '@strait/contracts/subjects'
import { newUuidv7 } from '@strait/domain/ids'

/** Sends bytes to whoever listens on a subject now; being heard by nobody is ordinary. */
export type Publish = (subject: string, bytes: Uint8Array) => void

/**
 * Tells followers, after the commit, that something changed. It resolves when every follower that is there has taken the change in, or
 * after 250 ms: who changed it is answered then, so that what they do next is done with the change. It never fails: a follower that
 * missed the news asks for what changed since its cursor all the same, only later.
 */
export type Announce = (kind: CatalogKind, ids: readonly string[]) => Promise<void>

/** Those who are told. */
export interface Followers {
  /** The subject on which they answer. */
  readonly answerTo: string
  /** Who is there now; nobody without NATS. */
  there(): readonly string[]
  /** Calls back when all of these have answered or left; answers how to wait no longer. */
  expect(changeId: string, followerIds: readonly string[], onAll: () => void): () => void
}

export interface AnnounceOptions {
  readonly publish: Publish
  readonly followers: Followers
  readonly waitMs: number
  /** Told of each wait: how long it was, and whether it ended before all had answered. */
  readonly waited: (ms: number, ranOut: boolean) => void
}

interface Gathered {
  readonly ids: Map<CatalogKind, Set<string>>
  readonly done: PromiseWithResolvers<void>
  /** Whether anybody waits for it. */
  isAwaited: boolean
}

// Each waits at most `waitMs`. Beyond it changes are announced all the same, and answered without waiting.
const maxWaiting = 2_000
// As many as a follower looks up at once.
const maxIds = 1_000

/** Makes the announcer. */
export function createAnnounce({ publish, followers, waitMs, waited }: AnnounceOptions): Announce {
  let gathered: Gathered | undefined
  let waiting = 0

  function gather(kind: CatalogKind, ids: readonly string[]): Gathered {
    if (gathered === undefined) {
      gathered = { ids: new Map(), done: Promise.withResolvers(), isAwaited: false }
      setImmediate(flush)
    }
    const known = gathered.ids.get(kind) ?? new Set()
    for (const id of ids) known.add(id)
    gathered.ids.set(kind, known)
    return gathered
  }

  function flush(): void {
    const batch = gathered
    gathered = undefined
    if (batch === undefined) return
    const messages = [...batch.ids].flatMap(([kind, ids]) =>
      inParts([...ids]).map((part) => ({ kind, ids: part })),
    )
    if (batch.isAwaited) void Promise.all(messages.map(sendAndWait)).then(() => batch.done.resolve())
    else for (const { kind, ids } of messages) publish(subjects.catalogChanged(kind), encodeNews(ids))
  }

  function sendAndWait({ kind, ids }: { kind: CatalogKind; ids: readonly string[] }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const there = waitMs === 0 ? [] : followers.there()
    const changeId = there.length === 0 ? '' : newUuidv7()
    const sentAt = performance.now()
    const settle = (ranOut: boolean) => {
      clearTimeout(timer)
      forget()
      if (there.length > 0) waited(performance.now() - sentAt, ranOut)
      resolve()
    }
    const timer = there.length === 0 ? undefined : setTimeout(settle, waitMs, true)
    let forget = (): void => undefined
    forget = followers.expect(changeId, there, () => settle(false))
    publish(
      subjects.catalogChanged(kind),
      encodeNews(ids, there.length === 0 ? undefined : { changeId, answerTo: followers.answerTo }),
    )
    return promise
  }

  return async (kind, ids) => {
    if (ids.length === 0) return
    const batch = gather(kind, ids)
    if (waiting >= maxWaiting) return
    batch.isAwaited = true
    waiting++
    await batch.done.promise
    waiting--
  }
}

/** An announcement of nothing, by which the followers are asked to say that they are there. */
export function encodeRollCall(): Uint8Array {
  return encodeNews([])
}

function encodeNews(
  ids: readonly string[],
  answer?: { readonly changeId: string; readonly answerTo: string },
): Uint8Array {
  const news = create(CatalogChangedSchema, { ids: [...ids], at: timestampFromDate(new Date()), ...answer })
  return toBinary(CatalogChangedSchema, news)
}

function inParts(ids: readonly string[]): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = []
  for (let from = 0; from < ids.length; from += maxIds) parts.push(ids.slice(from, from + maxIds))
  return parts
}
