// Jobs as the dispatcher knows them. A version never changes, so it is kept for ever (within an LRU); which version is the newest, and
// which job a slug names, is kept for seconds and dropped when the catalog tells of a change. Misses that meet are asked together.
// With the catalog down, what is known goes on working and a miss is UNAVAILABLE.

import type { Client } from '@connectrpc/connect'
import type { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { type Job, RetryStrategy } from '@strait/contracts/catalog/v1/job_pb'
import type { RetryPolicy } from '@strait/domain/retry-delay'
import { createGroupCommit } from '@strait/postgres/group-commit'
import { Refusal } from '@strait/service-kit/refusal'
import { LRUCache } from 'lru-cache'
import type { JobConfig } from '../domain/job-config.ts'

/** Where jobs are looked up. */
export interface JobDirectory {
  /** A project's job by id or slug, in its newest version; undefined where there is none. */
  resolve(projectId: string, job: string): Promise<JobConfig | undefined>
  /** One version of a job; undefined where there is none. */
  version(jobId: string, version: number): Promise<JobConfig | undefined>
  /** The same without asking anybody. */
  knownVersion(jobId: string, version: number): JobConfig | undefined
  /** Drops what may have changed. */
  changed(jobIds: readonly string[]): void
}

const headTtlMs = 5_000
const maxKnown = 50_000

/** Jobs as the catalog tells them. */
export function createJobDirectory(catalog: Client<typeof CatalogInternalService>): JobDirectory {
  // What is older than its time is asked for again, and still there when nobody answers.
  const heads = new LRUCache<string, JobConfig>({ max: maxKnown, ttl: headTtlMs, noDeleteOnStaleGet: true })
  const versions = new LRUCache<string, JobConfig>({ max: maxKnown })
  const batch = { maxItems: 500, sizeOf: () => 100, maxWaiting: 10_000 }

  const askHeads = createGroupCommit({
    ...batch,
    flush: async (refs: readonly { projectId: string; job: string }[]) => {
      const { jobs } = await catalog.resolveJobs({ refs: [...refs] })
      return refs.map((_, i) => learn(jobs[i]?.job))
    },
  })
  const askVersions = createGroupCommit({
    ...batch,
    flush: async (refs: readonly { jobId: string; version: number }[]) => {
      const answer = await catalog.getJobVersions({ refs: [...refs] })
      return refs.map((_, i) => learn(answer.versions[i]?.job))
    },
  })

  function learn(job: Job | undefined): JobConfig | undefined {
    if (job === undefined) return undefined
    const config = toConfig(job)
    versions.set(`${config.jobId} ${config.version}`, config)
    return config
  }

  const knownVersion = (jobId: string, version: number) => versions.get(`${jobId} ${version}`)
  return {
    knownVersion,
    async resolve(projectId, job) {
      const key = `${projectId} ${job.toLowerCase()}`
      const known = heads.get(key)
      if (known !== undefined) return known
      try {
        const found = await askHeads.submit({ projectId, job })
        if (found === undefined) heads.delete(key)
        else heads.set(key, found)
        return found
      } catch (cause) {
        return heads.get(key, { allowStale: true }) ?? unavailable(cause)
      }
    },
    async version(jobId, version) {
      return knownVersion(jobId, version) ?? (await askVersions.submit({ jobId, version }).catch(unavailable))
    },
    changed(jobIds) {
      const gone = new Set(jobIds)
      for (const [key, config] of heads.entries()) if (gone.has(config.jobId)) heads.delete(key)
    },
  }
}

function unavailable(cause: unknown): never {
  throw new Refusal('UNAVAILABLE', 'the catalog cannot be asked right now, try again', { cause })
}

function toConfig(job: Job): JobConfig {
  return {
    jobId: job.id,
    projectId: job.projectId,
    slug: job.slug ?? '',
    version: job.version,
    versionId: job.versionId,
    endpointUrl: job.endpointUrl,
    timeoutSecs: job.timeoutSecs ?? 300,
    maxAttempts: job.maxAttempts ?? 3,
    retry: { strategy: strategies[job.retryStrategy], delaysSecs: job.retryDelaysSecs },
    webhookUrl: job.webhookUrl,
    defaultRunMetadata: job.defaultRunMetadata,
  }
}

const strategies: Readonly<Record<RetryStrategy, RetryPolicy['strategy']>> = {
  [RetryStrategy.UNSPECIFIED]: 'exponential',
  [RetryStrategy.EXPONENTIAL]: 'exponential',
  [RetryStrategy.LINEAR]: 'linear',
  [RetryStrategy.FIXED]: 'fixed',
  [RetryStrategy.CUSTOM]: 'custom',
}
