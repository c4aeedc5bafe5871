import type { ListJobsRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { filterProblems } from '../../domain/check-filter.ts'
import type { Problem } from '../../domain/jobs/job-input.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findBelonging } from '../../store/jobs/find-belongings.ts'
import { type JobFilter, listJobs as list } from '../../store/jobs/list-jobs.ts'
import { nextPageToken, readPage } from '../read-page.ts'
import { writeJob } from './job-codec.ts'
import type { JobDeps } from './job-deps.ts'

/** Answers the jobs of the caller's project that pass every filter, newest first, a page at a time. */
export function listJobs({ db, tokens }: Pick<JobDeps, 'db' | 'tokens'>) {
  return async (request: ListJobsRequest, { caller: { projectId } }: Call) => {
    const { filter, problems } = await readFilter(db, projectId, request)
    // A place is good only in the list that it was given for.
    const theList = ['ListJobs', projectId, JSON.stringify(asText(filter))]
    const { limit, after } = readPage(tokens, theList, request, problems)
    const { jobs, next } = await list(db, { projectId, filter, after, limit })
    return { jobs: jobs.map(writeJob), nextPageToken: nextPageToken(tokens, theList, next) }
  }
}

async function readFilter(db: CatalogDb, projectId: string, request: ListJobsRequest) {
  const { tags, group, environment, enabled, text } = request
  const problems: Problem[] = [...filterProblems(tags, text)]
  const find = async (table: 'job_groups' | 'environments', field: string, ref: string | undefined) => {
    if (ref === undefined) return undefined
    const id = await findBelonging(db, table, projectId, ref)
    if (id === undefined) problems.push({ field, description: `names no ${field} of this project` })
    return id
  }
  const groupId = await find('job_groups', 'group', group)
  const environmentId = await find('environments', 'environment', environment)
  const filter: JobFilter = { tags, groupId, environmentId, enabled, text }
  return { filter, problems }
}

/** The filter in one spelling, whatever the order in which its tags were given. */
function asText({ tags, groupId, environmentId, enabled, text }: JobFilter): readonly unknown[] {
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
  return [sorted, groupId ?? null, environmentId ?? null, enabled ?? null, text ?? null]
}
