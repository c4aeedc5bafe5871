// Whether the versions after a given one can serve its runs. That one version follows another and fits it never changes, so what was read
// is good for ever as far as it goes: to the first version that does not fit, or to the one that was the newest. Only when the head
// tells of a newer one, more is there to be read.

import { create } from '@bufbuild/protobuf'
import type { Client } from '@connectrpc/connect'
import {
  type CatalogInternalService,
  type VersionStep,
  VersionStepSchema,
} from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { LRUCache } from 'lru-cache'
import { createAsk } from './ask.ts'
import type { FollowerEvents } from './follower-events.ts'

export interface VersionStepsOptions {
  readonly catalog: Pick<Client<typeof CatalogInternalService>, 'listVersionSteps'>
  readonly events: FollowerEvents
  /** A job's newest version as far as is known. */
  readonly newestVersion: (jobId: string) => number | undefined
}

interface VersionRef {
  readonly jobId: string
  readonly version: number
}

/** The steps after a version, without writing out each: all of them fit, but for the last one when it is breaking. */
interface Chain {
  readonly to: number
  readonly isBreaking: boolean
}

const maxChains = 50_000

/** Makes the memory of steps between versions. */
export function createVersionSteps({ catalog, events, newestVersion }: VersionStepsOptions) {
  const chains = new LRUCache<string, Chain>({ max: maxChains })
  const ask = createAsk<VersionRef, Chain>({
    keyOf,
    async ask(refs) {
      events.asked('steps', refs.length)
      const answer = await catalog.listVersionSteps({ refs: [...refs] })
      return refs.map((ref, i) => {
        const last = answer.steps[i]?.steps.at(-1)
        const chain = { to: last?.version ?? ref.version, isBreaking: last?.compatible === false }
        chains.set(keyOf(ref), chain)
        return chain
      })
    },
  })

  function known(jobId: string, version: number): readonly VersionStep[] | undefined {
    const newest = newestVersion(jobId)
    if (newest === undefined) return undefined
    if (newest <= version) return []
    const chain = chains.get(keyOf({ jobId, version }))
    if (chain === undefined || (!chain.isBreaking && chain.to < newest)) return undefined
    return writeOut(version, chain)
  }

  return {
    known,
    after: async (jobId: string, version: number): Promise<readonly VersionStep[]> =>
      known(jobId, version) ?? writeOut(version, await ask({ jobId, version })),
  }
}

function keyOf({ jobId, version }: VersionRef): string {
  return `${jobId} ${version}`
}

function writeOut(from: number, { to, isBreaking }: Chain): readonly VersionStep[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, nth) => {
    const version = from + nth + 1
    return create(VersionStepSchema, { version, compatible: version < to || !isBreaking })
  })
}
