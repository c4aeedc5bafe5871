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

/** A project as the audit log keeps it: JSON text under the words of the API. */
export function auditTextOfProject({ name, slug, egressAllow, pausedAt }: Project): string {
  return JSON.stringify({
    name,
    slug,
    egress_allow: egressAllow,
    paused_at: pausedAt?.toISOString() ?? null,
  })
}
