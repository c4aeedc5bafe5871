import pg from 'pg'

/** What a job may belong to. */
export type Belonging = 'group' | 'environment'

const foreignKeyViolation = '23503'
const constraints: ReadonlyMap<string | undefined, Belonging> = new Map([
  ['the_group_of_a_job_exists', 'group'],
  ['the_environment_of_a_job_exists', 'environment'],
])

/**
 * What a job could not be saved for, because it is not there, or not any more: it was deleted between the check and the save. The database
 * says so under the lock that decides which of the two came first. Undefined for any other error.
 */
export function goneBelonging(error: unknown): Belonging | undefined {
  if (!(error instanceof pg.DatabaseError) || error.code !== foreignKeyViolation) return undefined
  return constraints.get(error.constraint)
}
