// What the judgement of a job's payload_schema means for its fields: a schema that is wrong is the schema's fault, a payload of
// the cron that does not fit it the payload's.

import type { SchemaCheck, SchemaQuestion } from '@strait/payload-schema/schema-checker'
import { configDefaults } from './job.ts'
import type { JobInput, Problem } from './job-input.ts'

/**
 * What is to be judged; undefined for a job without a schema. The payload of the cron has to fit if there is a cron, or if it is
 * another than the default: a job that is only triggered need not make up a payload that nobody sends. One that is at fault
 * already is not looked at again.
 */
export function schemaQuestion(input: JobInput, faulty: readonly Problem[]): SchemaQuestion | undefined {
  const { payloadSchema, cron, cronPayload = configDefaults.cronPayload } = input
  if (payloadSchema === undefined) return undefined
  const isSent = cron !== undefined || cronPayload !== configDefaults.cronPayload
  const isFaulty = faulty.some(({ field }) => field.endsWith('.cron_payload'))
  return { schema: payloadSchema, value: isSent && !isFaulty ? cronPayload : undefined }
}

/** What is wrong with the fields; a question that found no time has no judgement and is no fault of theirs. */
export function schemaProblems(check: SchemaCheck, prefix: 'job' | 'patch'): readonly Problem[] {
  if (check.ok) return []
  const schema = `${prefix}.payload_schema`
  switch (check.reason) {
    case 'BAD_SCHEMA':
      return check.problems.map(({ rule, path, message }) => {
        return { field: schema, description: `${message} (${rule}, at ${path || 'the root'})` }
      })
    case 'DOES_NOT_FIT':
      return check.problems.map(({ path, message }) => {
        const description = `does not fit payload_schema: ${message} (at ${path || 'the root'})`
        return { field: `${prefix}.cron_payload`, description }
      })
    case 'TOO_COSTLY':
      return [{ field: schema, description: 'takes too much time or memory to be checked' }]
    case 'BUSY':
      return []
    default:
      return check satisfies never
  }
}
