// Every NATS subject, once. What travels on each is named in proto/strait/events.

/** Services that others follow. */
export type FeedOf = 'dispatcher' | 'scheduler' | 'notifier'

/** What the catalog tells changes of. */
export type CatalogKind = 'job' | 'job_group' | 'environment' | 'project' | 'workflow'

/** Subjects by what they carry; core NATS unless marked JetStream. */
export const subjects = {
  /** JetStream: DueBatch, from the scheduler to whichever dispatcher takes it. */
  due: 'strait.due',
  /** JetStream: FeedNews, a feed row as soon as it is committed. */
  feed: (of: FeedOf) => `strait.feed.${of === 'dispatcher' ? 'run' : of}`,
  /** Wake: to the owner of a shard. */
  wake: (shard: number) => `strait.wake.${shard}`,
  /** ShardsMoved: to every dispatcher. */
  shards: 'strait.shards',
  /** RunNews: runs of a project changed; sent only while somebody watches. */
  runNews: (projectId: string) => `strait.event.run.${projectId}`,
  /** WatchInterest: from whoever serves watchers to every dispatcher. */
  watch: 'strait.watch',
  /** CatalogChanged: from the catalog to its followers. */
  catalogChanged: (kind: CatalogKind) => `strait.catalog.${kind}`,
  /** CatalogFollower: from each follower of the catalog to every catalog. */
  catalogFollower: 'strait.catalog.follower',
  /** CatalogHeard: from each follower to the catalog that announced something. */
  catalogHeard: (catalogId: string) => `strait.catalog.heard.${catalogId}`,
  /** KeysChanged: from the catalog to every service. */
  keysChanged: 'strait.catalog.key',
} as const

/** The JetStream streams; their settings are libs/bus's. */
export const streamNames = { feed: 'STRAIT_FEED', due: 'STRAIT_DUE' } as const
