// Two changes that want one slug at the same moment are told apart by the unique index alone.

import pg from 'pg'

const uniqueViolation = '23505'

/** Whether a statement failed because another row has the slug; `index` is what keeps slugs unique. */
export function isSlugTaken(error: unknown, index: string): boolean {
  return error instanceof pg.DatabaseError && error.code === uniqueViolation && error.constraint === index
}
