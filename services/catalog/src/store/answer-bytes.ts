// How much one answer may hold. Sizes are known before what they are of is read.

import { Refusal } from '@strait/service-kit/refusal'

/** What one answer to a question about many may hold. */
export const maxAnswerBytes = 32 * 1024 * 1024

/** What one page may hold; a first thing that is larger comes alone. */
export const maxPageBytes = 8 * 1024 * 1024

/** The refusal of a question whose whole answer is too large. */
export function answerTooLarge(remedy = 'ask for fewer at once'): Refusal {
  const mebibytes = maxAnswerBytes / 1024 / 1024
  return new Refusal('OVERLOADED', `the answer would be larger than ${mebibytes} MiB, ${remedy}`)
}
