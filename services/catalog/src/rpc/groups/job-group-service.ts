import { JobGroupService } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { type RpcService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import { createJobGroup } from './create-job-group.ts'
import { deleteJobGroup } from './delete-job-group.ts'
import { getJobGroupStats, type StatsDeps } from './get-job-group-stats.ts'
import type { JobGroupDeps } from './job-group-ref.ts'
import { getJobGroup, listJobGroups } from './list-job-groups.ts'
import { pauseJobGroup } from './pause-job-group.ts'
import { updateJobGroup } from './update-job-group.ts'

/** The job groups of projects. */
export function jobGroupService(
  deps: JobGroupDeps & StatsDeps & { readonly tokens: PageTokens },
): RpcService {
  return rpcService(JobGroupService, {
    createJobGroup: createJobGroup(deps),
    getJobGroup: getJobGroup(deps),
    listJobGroups: listJobGroups(deps),
    updateJobGroup: updateJobGroup(deps),
    deleteJobGroup: deleteJobGroup(deps),
    pauseJobGroup: pauseJobGroup(deps, true),
    resumeJobGroup: pauseJobGroup(deps, false),
    getJobGroupStats: getJobGroupStats(deps),
  })
}
