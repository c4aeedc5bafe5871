// What holds jobs, keys and everything else of one team apart from those of others.

import type { ProjectId } from '@strait/domain/ids'

/** What may be chosen of a project. */
export interface ProjectFields {
  readonly name: string
  readonly slug: string
  /** Ranges of addresses, each in its one spelling; empty for all that the deployment allows. */
  readonly egressAllow: readonly string[]
}

/** A project as it is now. */
export interface Project extends ProjectFields {
  readonly id: ProjectId
  readonly pausedAt: Date | undefined
  /** Counts its changes, from 1. */
  readonly revision: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedBy: string
  readonly updatedAt: Date
}
