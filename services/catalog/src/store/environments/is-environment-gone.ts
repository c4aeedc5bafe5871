import pg from 'pg'

const foreignKeyViolation = '23503'

/**
 * Whether a job could not be saved because its environment is not there, or not any more: it was deleted between the check and the save.
 * The database says so under the lock that decides which of the two came first.
 */
export function isEnvironmentGone(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === foreignKeyViolation &&
    error.constraint === 'the_environment_of_a_job_exists'
  )
}
