// A set of jobs that are looked at, paused and resumed together.

import type { GroupId, ProjectId } from '@strait/domain/ids'

/** What may be chosen of a group. */
export interface JobGroupFields {
  readonly name: string
  readonly slug: string
  readonly description: string
}

/** A group as it is now. */
export interface JobGroup extends JobGroupFields {
  readonly id: GroupId
  readonly projectId: ProjectId
  readonly pausedAt: Date | undefined
  /** Counts its changes, from 1. */
  readonly revision: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedBy: string
  readonly updatedAt: Date
}
