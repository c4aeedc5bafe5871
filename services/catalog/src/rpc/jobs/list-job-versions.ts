import type { ListJobVersionsRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { listJobVersions as list } from '../../store/jobs/list-job-versions.ts'
import { readPlace } from '../read-page.ts'
import { writeJob } from './job-codec.ts'
import type { JobDeps } from './job-deps.ts'
import { requireJobWithVersions } from './job-ref.ts'

/** Answers the versions of a job, newest first, a page at a time; of a deleted job by its id. */
export function listJobVersions({ db, tokens }: Pick<JobDeps, 'db' | 'tokens'>) {
  return async (request: ListJobVersionsRequest, { caller: { projectId } }: Call) => {
    const { id } = await requireJobWithVersions(db, projectId, request.job)
    const theList = ['ListJobVersions', projectId, id]
    const { limit, after } = readPlace(tokens, theList, request)
    const { versions, next } = await list(db, id, after && Number(after[0]), limit)
    const nextPageToken = next === undefined ? '' : tokens.write(theList, [String(next)])
    return { versions: versions.map(writeJob), nextPageToken }
  }
}
