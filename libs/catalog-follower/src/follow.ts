// How memory is kept true: the changes since a cursor, turn by turn, and single heads that somebody wants to know now.
//
// The cursor stays in memory: a new process begins at the beginning, where all that is not deleted comes. A page that was read is taken in
// before its cursor is kept, so a turn that fails half-way is taken up where it was.

import type { Client } from '@connectrpc/connect'
import type { CatalogInternalService, Head } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createAsk } from './ask.ts'
import type { FollowerEvents } from './follower-events.ts'

export interface FollowOptions {
  readonly catalog: Pick<Client<typeof CatalogInternalService>, 'headsChanged' | 'getHeads'>
  readonly events: FollowerEvents
  /** Takes in what one answer holds. */
  readonly learn: (heads: readonly Head[], asOf: bigint) => void
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
  /** Reads one head anew into memory. */
  look(id: string): Promise<void>
  /** Reads a job that is known by its name alone into memory. */
  find(name: JobName): Promise<void>
}

const pageHeads = 1_000

/** Follows the catalog into `learn`. */
export function createFollow({ catalog, events, learn }: FollowOptions): Follow {
  let since = ''
  let current = false

  const look = createAsk<string, void>({
    keyOf: (id) => id,
    async ask(ids) {
      events.asked('heads', ids.length)
      const { heads, asOf } = await catalog.getHeads({ ids: [...ids] })
      learn(heads, asOf)
      return ids.map(() => undefined)
    },
  })
  const find = createAsk<JobName, void>({
    keyOf: ({ projectId, job }) => `${projectId} ${job}`,
    async ask(jobs) {
      events.asked('heads', jobs.length)
      const { heads, asOf } = await catalog.getHeads({ jobs: [...jobs] })
      learn(heads, asOf)
      return jobs.map(() => undefined)
    },
  })

  return {
    look,
    find,
    isCurrent: () => current,
    async runOnce() {
      for (let more = true; more; ) {
        const page = await catalog.headsChanged({ since, limit: pageHeads })
        learn(page.heads, page.asOf)
        since = page.next
        more = page.more
      }
      current = true
    },
  }
}
