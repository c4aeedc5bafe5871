import { create, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { CatalogChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { type CatalogKind, subjects } from '@strait/contracts/subjects'

/** Sends bytes to whoever listens on a subject now; being heard by nobody is ordinary. */
export type Publish = (subject: string, bytes: Uint8Array) => void

/**
 * Tells followers, after the commit, that something changed. It resolves when every follower that is there has taken the change in, or
 * after 250 ms: who changed it is answered then, so that what they do next is done with the change. It never fails: a follower that
 * missed the news asks for what changed since its cursor all the same, only later.
 */
export type Announce = (kind: CatalogKind, ids: readonly string[]) => Promise<void>

/** Makes the announcer. */
export function createAnnounce(publish: Publish): Announce {
  return async (kind, ids) => {
    const news = create(CatalogChangedSchema, { ids: [...ids], at: timestampFromDate(new Date()) })
    publish(subjects.catalogChanged(kind), toBinary(CatalogChangedSchema, news))
  }
}

// A message holds so many ids without coming near the size that one may have.
const maxIds = 1_000

/** Tells of any number of things of one kind. */
export async function announceAll(
  announce: Announce,
  kind: CatalogKind,
  ids: readonly string[],
): Promise<void> {
  const pages = Array.from({ length: Math.ceil(ids.length / maxIds) }, (_, n) =>
    ids.slice(n * maxIds, (n + 1) * maxIds),
  )
  await Promise.all(pages.map((page) => announce(kind, page)))
}
