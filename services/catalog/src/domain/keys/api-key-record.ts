// An API key as the catalog knows it, without its secrets: they are compared where they are read and go nowhere.

/** A key of a project, as it is now. */
export interface ApiKeyRecord {
  readonly id: string
  readonly projectId: string
  readonly name: string
  /** What it may do: words like `jobs:read`. */
  readonly scopes: readonly string[]
  /** Undefined for a key that never ends by itself. */
  readonly expiresAt: Date | undefined
  readonly revokedAt: Date | undefined
  /** Until when the secret before the last rotation works too; undefined when none does. */
  readonly previousSecretExpiresAt: Date | undefined
  /** Counts its changes, from 1. */
  readonly revision: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedBy: string
  readonly updatedAt: Date
}
