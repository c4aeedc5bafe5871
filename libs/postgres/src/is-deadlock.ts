const deadlockDetected = '40P01'

/**
 * Whether Postgres ended a transaction because it and another one waited for each other. Nothing of it was written, and the other one goes
 * on: the same may be decided again, on what that one leaves.
 */
export function isDeadlock(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === deadlockDetected
}
