// What the stored configurations of jobs and workflows have in common. Their fields stand there under the names of the API. What is answered
// at once is bounded by its size, which is known before a single configuration is read. Within a statement the version is `v`.

import { sql } from 'kysely'
import { answerTooLarge, maxAnswerBytes } from './answer-bytes.ts'

// One configuration stays below the 4 MiB of a request, so a question about seven of them always has an answer.

/** The column `config` of a statement that answers all or nothing: null in every row when all together are too large. */
export const allConfigsOrNone = sql`
  case when sum(v.config_bytes) over () <= ${maxAnswerBytes} then v.config end as config
`

/** The configuration of a row; refuses a question whose whole answer is too large. */
export function requireConfig<T>(config: T | null): T {
  if (config !== null) return config
  throw answerTooLarge()
}

/** Fields under the names of the API. */
export function toStoredFields(fields: object): Record<string, unknown> {
  return renameKeys(fields, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}

/** Fields as they were stored, under our names. */
export function fromStoredFields(stored: object): Record<string, unknown> {
  return renameKeys(stored, (key) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
}

// Only the fields' own names, also those of what stands in a list: the keys inside a map are the user's.
function renameKeys(fields: object, rename: (key: string) => string): Record<string, unknown> {
  const renamed = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? renameKeys(value, rename) : value
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      rename(key),
      Array.isArray(value) ? value.map(renamed) : value,
    ]),
  )
}
