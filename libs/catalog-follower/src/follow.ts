// How memory is kept true: the changes since a cursor, turn by turn, and single heads that somebody wants to know now.
//
// The cursor stays in memory: a new process begins at the beginning, where all that is not deleted comes. A page that was read is taken in
// before its cursor is kept, so a turn that fails half-way is taken up where it was.

import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Client } from '@connectrpc/connect'
import type {
  CatalogInternalService,
  GetHeadsRequestSchema,
  Head,
} from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createAsk } from './ask.ts'
import type { FollowerEvents } from './follower-events.ts'

export interface FollowOptions {
  readonly catalog: Pick<Client<typeof CatalogInternalService>, 'headsChanged' | 'getHeads'>
  readonly events: FollowerEvents
  /** Takes in what one answer holds. */
  readonly learn: (heads: readonly Head[], asOf: bigint) => void
  /** Jobs that were being deleted when they were last read: how that ends may change nothing in the catalog but the time. */
  readonly closing: () => Iterable<string>
  /** The catalog cannot be reached, each turn anew. */
  readonly onCutOff: () => void
  /** The catalog was reached after it had not been. */
  readonly onReached: () => void
}

/** A job as a caller names it. */
export interface JobName {
  readonly projectId: string
  readonly job: string
}

export interface Follow {
  /** Reads what changed, to the end. */
  runOnce(): Promise<void>
  /** Whether the end was reached once. */
  isCurrent(): boolean
  /** Whether the last turn reached the catalog. */
  reachesCatalog(): boolean
  /** Reads one head anew into memory. */
  look(id: string): Promise<void>
  /** Reads a job that is known by its name alone into memory. */
  find(name: JobName): Promise<void>
}

// As many as the catalog takes in one question.
const pageHeads = 1_000
const mostClosing = 500

/** Follows the catalog into `learn`. */
export function createFollow({
  catalog,
  events,
  learn,
  closing,
  onCutOff,
  onReached,
}: FollowOptions): Follow {
  let since = ''
  let current = false
  let reached = false

  const look = createAsk<string, void>({
    keyOf: (id) => id,
    maxItems: pageHeads,
    ask: (ids) => ask({ ids: [...ids] }, ids),
  })
  const find = createAsk<JobName, void>({
    keyOf: ({ projectId, job }) => `${projectId} ${job}`,
    maxItems: pageHeads,
    ask: (jobs) => ask({ jobs: [...jobs] }, jobs),
  })

  async function ask(question: MessageInitShape<typeof GetHeadsRequestSchema>, items: readonly unknown[]) {
    events.asked('heads', items.length)
    const { heads, asOf } = await catalog.getHeads(question)
    learn(heads, asOf)
    return items.map(() => undefined)
  }

  async function readChanges(): Promise<void> {
    for (let more = true; more; ) {
      const page = await catalog.headsChanged({ since, limit: pageHeads })
      learn(page.heads, page.asOf)
      since = page.next
      more = page.more
    }
  }

  return {
    look,
    find,
    isCurrent: () => current,
    reachesCatalog: () => reached,
    async runOnce() {
      try {
        await readChanges()
        await Promise.all(Array.from(closing()).slice(0, mostClosing).map(look))
      } catch (error) {
        reached = false
        onCutOff()
        throw error
      }
      current = true
      if (reached) return
      reached = true
      onReached()
    },
  }
}
