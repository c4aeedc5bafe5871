// The catalog as a follower knows it: every head in memory, versions as they are needed, both kept true by whatever reaches us first.
//
//   news (core NATS) ──▶ GetHeads ──▶ memory ──▶ listeners ──▶ "heard"     within milliseconds, while NATS carries it
//   every second     ──▶ HeadsChanged ──▶ memory ──▶ listeners             whatever got lost
//   a miss           ──▶ GetHeads ──▶ memory ──▶ listeners ──▶ the answer
//
// It starts without the catalog and without NATS, and says by `isCurrent` whether it has read everything once. While the catalog cannot be
// asked, what is known goes on working and what is not known is UNAVAILABLE. It keeps nothing on disk: after a crash it reads all anew.

import type { Client } from '@connectrpc/connect'
import type { Bus } from '@strait/bus/connect-bus'
import type {
  CatalogInternalService,
  JobHead,
  VersionStep,
} from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import type { Job } from '@strait/contracts/catalog/v1/job_pb'
import type { CatalogKind } from '@strait/contracts/subjects'
import { newUuidv7 } from '@strait/domain/ids'
import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import { type Part, partOf, startParts, stopParts } from '@strait/service-kit/part'
import { type ChangeListener, createChangeListeners } from './change-listeners.ts'
import { createFollow } from './follow.ts'
import { type FollowerEvents, noEvents } from './follower-events.ts'
import type { HeadOf } from './head-change.ts'
import { createHeadMemory } from './head-memory.ts'
import { createJobResolver } from './job-resolver.ts'
import { createNews } from './news.ts'
import { createPresence } from './presence.ts'
import { createVersionSteps } from './version-steps.ts'
import { createVersions } from './versions.ts'

/** What a follower is made of. */
export interface CatalogFollowerOptions {
  readonly catalog: Client<typeof CatalogInternalService>
  /** It is started and stopped by whoever made it. */
  readonly bus: Bus
  readonly log: Log
  readonly events?: FollowerEvents
  /** How often changes are asked for. Default: 1,000. */
  readonly pollMs?: number
  /** The most versions in memory. Default: 50,000. */
  readonly maxVersions?: number
  /** About the most bytes that versions in memory take. Default: 128 MiB. */
  readonly maxVersionBytes?: number
}

/** How to resolve a job. */
export interface ResolveOptions {
  /** Asks the catalog again when what is known of the job is older; the answer may still be older when the catalog's own is. */
  readonly minVersion?: number
}

/** The catalog, as it is known here. Whatever asks the catalog fails with UNAVAILABLE while it cannot be asked. */
export interface CatalogFollower extends Part {
  readonly jobs: {
    /** A project's job by id or slug, as it is now; undefined where there is none, also for one that is deleted. */
    resolve(projectId: string, idOrSlug: string, options?: ResolveOptions): Promise<JobHead | undefined>
  }
  /** A head from memory, deleted ones included; undefined for what is not known (yet). */
  head<K extends CatalogKind>(kind: K, id: string): HeadOf[K] | undefined
  /** All known heads of a kind, deleted ones included. */
  heads<K extends CatalogKind>(kind: K): Iterable<HeadOf[K]>
  /**
   * Whether a job's runs may not start now: it is not enabled, or paused itself, or its group or its project is. One of which not all of
   * that is known is held, and asked for: `onChanged` tells when it is known.
   */
  isHeld(jobId: string): boolean
  /** Whether everything was read once since the start. Before that, what is not known may be there all the same. */
  isCurrent(): boolean
  /** One version of a job, which never changes; undefined where there is none. */
  version(jobId: string, version: number): Promise<Job | undefined>
  /** The same without asking anybody. */
  knownVersion(jobId: string, version: number): Job | undefined
  /** The versions after a given one, in order, up to and with the first that is not compatible. */
  steps(jobId: string, afterVersion: number): Promise<readonly VersionStep[]>
  /** The same without asking anybody; undefined while not all of them are known. */
  knownSteps(jobId: string, afterVersion: number): readonly VersionStep[] | undefined
  /**
   * Tells what changed, once memory has it and before the catalog hears that we have; answers how to end that. At the first reading
   * everything is new. A listener is called synchronously and should be quick; what it throws is logged. While what it answers is not
   * settled, the catalog hears of nothing: what began before the change and must be over when the change is answered has its time so.
   */
  onChanged(listener: ChangeListener): () => void
}

/** A follower of the catalog; nothing is asked before it is started. */
export function createCatalogFollower(options: CatalogFollowerOptions): CatalogFollower {
  const { catalog, bus, log, events = noEvents, pollMs = 1_000 } = options
  const { maxVersions = 50_000, maxVersionBytes = 128 * 2 ** 20 } = options
  const followerId = newUuidv7()
  const memory = createHeadMemory()
  const listeners = createChangeListeners({ events, log })
  const { tell } = listeners
  const follow = createFollow({
    catalog,
    events,
    learn: (heads, asOf) => tell(memory.learn(heads, asOf)),
    closing: memory.closing,
    onCutOff: () => tell(memory.reopen()),
    onReached: () => presence.nudge(),
  })
  const poll = createLoop({ name: 'follow the catalog', intervalMs: pollMs, runOnce: follow.runOnce, log })
  const presence = createPresence({ bus, followerId, reachesCatalog: follow.reachesCatalog, log })
  const news = createNews({
    bus,
    followerId,
    async take(id) {
      await follow.look(id)
      await listeners.settled()
    },
    missed: poll.nudge,
    onRollCall: presence.nudge,
    log,
  })
  const jobs = createJobResolver({ memory, look: follow.look, find: follow.find })
  const versions = createVersions({ catalog, events, maxVersions, maxVersionBytes })
  const steps = createVersionSteps({
    catalog,
    events,
    newestVersion: (jobId) => memory.get('job', jobId)?.version,
  })

  const parts = [poll, news, presence, partOf('listeners', { stop: async () => listeners.clear() })]
  return {
    name: 'catalog follower',
    start: () => startParts(parts),
    stop: () => stopParts(parts),
    jobs: { resolve: jobs.resolve },
    head: memory.get,
    heads: memory.all,
    isHeld: jobs.isHeld,
    isCurrent: follow.isCurrent,
    version: versions.get,
    knownVersion: versions.known,
    steps: steps.after,
    knownSteps: steps.known,
    onChanged: listeners.add,
  }
}
