// Versions of jobs. One never changes, so what was read once is good for ever; it leaves only when there are too many, or too large ones.

import type { Client } from '@connectrpc/connect'
import type { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import type { Job } from '@strait/contracts/catalog/v1/job_pb'
import { LRUCache } from 'lru-cache'
import { createAsk } from './ask.ts'
import type { FollowerEvents } from './follower-events.ts'

export interface VersionsOptions {
  readonly catalog: Pick<Client<typeof CatalogInternalService>, 'getJobVersions'>
  readonly events: FollowerEvents
  readonly maxVersions: number
  readonly maxVersionBytes: number
}

interface VersionRef {
  readonly jobId: string
  readonly version: number
}

/** Makes the memory of versions. */
export function createVersions({ catalog, events, maxVersions, maxVersionBytes }: VersionsOptions) {
  const kept = new LRUCache<string, Job>({
    max: maxVersions,
    maxSize: maxVersionBytes,
    sizeCalculation: bytesOf,
  })
  const ask = createAsk<VersionRef, Job | undefined>({
    keyOf,
    async ask(refs) {
      events.asked('versions', refs.length)
      const { versions } = await catalog.getJobVersions({ refs: [...refs] })
      return refs.map((ref, i) => {
        const found = versions[i]?.job
        // Copied, because what the decoder leaves takes twice the room; see share.ts.
        const job = found && { ...found }
        if (job !== undefined) kept.set(keyOf(ref), job)
        return job
      })
    },
  })
  const known = (jobId: string, version: number) => kept.get(keyOf({ jobId, version }))
  return {
    known,
    get: async (jobId: string, version: number): Promise<Job | undefined> =>
      known(jobId, version) ?? ask({ jobId, version }),
  }
}

function keyOf({ jobId, version }: VersionRef): string {
  return `${jobId} ${version}`
}

const bytesOfFields = 2_000
const bytesOfEntry = 100

/** About what a version takes in memory: its fields, and what of it may be large. */
function bytesOf(job: Job): number {
  const texts = [job.payloadSchema, job.cronPayload, job.onCompletePayloadMapping, job.description, job.name]
  const maps = [...Object.entries(job.tags), ...Object.entries(job.defaultRunMetadata)].flat()
  return (
    bytesOfFields +
    texts.reduce((sum, text) => sum + 2 * (text?.length ?? 0), 0) +
    maps.reduce((sum, text) => sum + bytesOfEntry + 2 * text.length, 0)
  )
}
