import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Client } from '@connectrpc/connect'
import type { Job, JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import type { AppBundle } from './app-bundle.ts'
import { aJob } from './app-bundle.ts'
import { makeKey } from './key-bundle.ts'

/** The fields of a job, as far as they are given. */
export type JobFields = MessageInitShape<typeof JobSchema>

let made = 0

/** Creates a job with a slug of its own, unless one is given. */
export async function makeJob(app: AppBundle, over: JobFields = {}): Promise<Job> {
  made += 1
  const { job } = await app.jobs.createJob({ job: { ...aJob, slug: `made-${made}`, ...over } })
  return job!
}

/** How a change is made, besides the fields that it gives. */
export interface PatchOptions {
  /** Default: the fields that are given. */
  readonly paths?: readonly string[]
  readonly etag?: string
  readonly validateOnly?: boolean
  readonly webhookSecretGraceSecs?: number
  readonly by?: Client<typeof JobService>
}

/** Changes the fields of a job that are given, or those that are named. */
export async function patchJob(
  app: AppBundle,
  job: string,
  patch: JobFields,
  { paths = Object.keys(patch).map(snake), by = app.jobs, ...more }: PatchOptions = {},
): Promise<Job> {
  const answer = await by.updateJob({ job, patch, updateMask: { paths: [...paths] }, ...more })
  return answer.job!
}

/** A second actor of the project, who may do the same. */
export async function anotherActor(app: AppBundle) {
  const { key, token } = await makeKey(app, { scopes: ['jobs:read', 'jobs:write'] })
  return { actor: `apikey:${key.id}`, jobs: app.client(JobService, token), token }
}

/** The whole history of a job, oldest first. */
export async function historyOf(app: AppBundle, job: string): Promise<readonly Job[]> {
  const versions: Job[] = []
  for (let pageToken = ''; ; ) {
    const page = await app.jobs.listJobVersions({ job, pageSize: 250, pageToken })
    versions.push(...page.versions)
    pageToken = page.nextPageToken
    if (pageToken === '') return versions.reverse()
  }
}

export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
