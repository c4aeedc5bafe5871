// What changed of jobs, out of the catalog's heads: a head says whether there is a schedule and whether it is silent, the job's newest version says
// when it fires and with what.

import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { Client } from '@connectrpc/connect'
import { noEvents } from '@strait/catalog-follower/follower-events'
import { createVersions } from '@strait/catalog-follower/versions'
import type {
  CatalogInternalService,
  JobHead,
} from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import type { Job } from '@strait/contracts/catalog/v1/job_pb'
import type { ChangedJob } from '../domain/change-schedule.ts'
import type { ChangedJobs } from '../loops/follow-catalog.ts'

type Catalog = Pick<Client<typeof CatalogInternalService>, 'headsChanged' | 'getJobVersions'>

// A version is read once for each change: what is kept only saves those that come twice.
const maxVersions = 1_000
const maxVersionBytes = 16 * 2 ** 20
const pageHeads = 500

/** A way to ask for changes of jobs since a cursor; empty stands for the beginning. */
export function createChangedJobs(catalog: Catalog): (since: string) => Promise<ChangedJobs> {
  const versions = createVersions({ catalog, events: noEvents, maxVersions, maxVersionBytes })

  async function toChangedJob(head: JobHead): Promise<ChangedJob> {
    const fires = head.hasCron && !head.deleted
    const job = fires ? await versions.get(head.id, head.version) : undefined
    // A version that its head names is there. Taking it for one without a cron would end a schedule for a fault of ours.
    if (fires && job === undefined)
      throw new Error(`version ${head.version} of job ${head.id} does not exist`)
    return {
      id: head.id,
      projectId: head.projectId,
      version: head.version,
      timetable: timetableOf(job),
      enabled: head.enabled,
      payload: job?.cronPayload ?? '{}',
      changedAt: changedAt(head),
    }
  }

  return async (since) => {
    const { heads, next, more } = await catalog.headsChanged({ since, limit: pageHeads })
    const jobs = await Promise.all(
      heads.flatMap(({ kind }) => (kind.case === 'job' ? [toChangedJob(kind.value)] : [])),
    )
    return { jobs, next, more }
  }
}

function timetableOf(job: Job | undefined) {
  return job?.cron ? { cron: job.cron, timezone: job.timezone || 'UTC' } : undefined
}

/** When its newest version was made. A deletion makes none: it acts from when it is heard of. */
function changedAt({ deleted, updatedAt }: JobHead): Date | undefined {
  if (deleted) return undefined
  // Without a time it is an edit of long ago: its schedule starts from now.
  return updatedAt === undefined ? new Date(0) : timestampDate(updatedAt)
}
