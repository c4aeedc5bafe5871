// An environment as the catalog shows it: the names of its variables and never their values, which are opened only where they are
// compared, changed or handed to another service.

import type { EnvironmentId, ProjectId } from '@strait/domain/ids'

/** Names of variables, each list in order. */
export interface VariableNames {
  readonly variables: readonly string[]
  /** By the slug of the job; a job without variables is not there. */
  readonly jobOverrides: ReadonlyMap<string, readonly string[]>
}

/** What its owner chose, but for the variables. */
export interface EnvironmentFields {
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly parentId: EnvironmentId | undefined
}

/** An environment of a project, as it is now. */
export interface EnvironmentRecord extends EnvironmentFields {
  readonly id: EnvironmentId
  readonly projectId: ProjectId
  readonly names: VariableNames
  /** Counts the changes of variables and parent, from 1. */
  readonly variablesRevision: number
  /** Counts all changes, from 1. */
  readonly revision: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedBy: string
  readonly updatedAt: Date
}
