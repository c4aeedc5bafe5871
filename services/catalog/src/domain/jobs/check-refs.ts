// What the job belongs to. Whether another project has such a thing is nobody's business here: the sentence is the same.

import type { EnvironmentId, GroupId } from '@strait/domain/ids'
import type { JobConfig } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

/** Whether what the input refers to is in the caller's project; false as well where it refers to nothing. */
export interface KnownRefs {
  readonly group: boolean
  readonly environment: boolean
}

/** Checks group and environment. Ids are kept as they are written in answers. */
export function checkRefs(
  { groupId, environmentId }: JobInput,
  known: KnownRefs,
  say: Say,
): Pick<JobConfig, 'groupId' | 'environmentId'> {
  if (groupId !== undefined && !known.group) say('group_id', 'must be the id of a group of this project')
  if (environmentId !== undefined && !known.environment) {
    say('environment_id', 'must be the id of an environment of this project')
  }
  return {
    groupId: groupId?.toLowerCase() as GroupId | undefined,
    environmentId: environmentId?.toLowerCase() as EnvironmentId | undefined,
  }
}
