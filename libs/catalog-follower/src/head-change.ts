// The words of this library: what a head is, by kind, and how a change of one is told.

import type {
  EnvironmentHead,
  JobGroupHead,
  JobHead,
  ProjectHead,
  WorkflowHead,
} from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import type { CatalogKind } from '@strait/contracts/subjects'

/** The heads, by kind. */
export interface HeadOf {
  readonly job: JobHead
  readonly job_group: JobGroupHead
  readonly environment: EnvironmentHead
  readonly project: ProjectHead
  readonly workflow: WorkflowHead
}

/** One head that is new to memory or differs from what was known; `now.deleted` tells of a deletion. */
export type HeadChange = {
  readonly [K in CatalogKind]: {
    readonly kind: K
    readonly now: HeadOf[K]
    /** What was known before; undefined for one that is heard of for the first time. */
    readonly before: HeadOf[K] | undefined
  }
}[CatalogKind]
