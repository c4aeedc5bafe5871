import pg from 'pg'

const foreignKeyViolation = '23503'

/**
 * Whether a job could not be saved because its group is not there, or not any more: it was deleted between the check and the save. The
 * database says so under the lock that decides which of the two came first.
 */
export function isGroupGone(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === foreignKeyViolation &&
    error.constraint === 'the_group_of_a_job_exists'
  )
}
