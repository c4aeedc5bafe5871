import { type DescField, ScalarType } from '@bufbuild/protobuf'
import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { expect, test } from 'vitest'
import { configDefaults, type JobConfig } from '../../domain/jobs/job.ts'
import { diffConfigs } from './diff-job-versions.ts'

const before: JobConfig = { ...configDefaults, name: 'A', slug: 'a', endpointUrl: 'https://example.com' }

test('equal configurations differ in nothing', () => {
  expect(diffConfigs(before, structuredClone(before))).toEqual([])
})

test('what is not set is null, also where something happens anyway', () => {
  expect(diffConfigs(before, { ...before, onLostAttempt: 'retry', misfireMaxAgeSecs: 7_200 })).toEqual([
    { field: 'misfire_max_age_secs', before: 'null', after: '7200' },
    { field: 'on_lost_attempt', before: 'null', after: '"retry"' },
  ])
})

test('every field of a configuration is compared, in the order of the schema, each as REST writes it', () => {
  const fields = JobSchema.fields.filter(({ localName }) => Object.hasOwn(before, localName))
  const after = Object.fromEntries(
    fields.map((field) => [field.localName, another(field)]),
  ) as unknown as JobConfig
  const changes = diffConfigs(before, after)
  expect(changes.map(({ field }) => field)).toEqual(fields.map(({ name }) => name))
  for (const change of changes) {
    expect(() => JSON.parse(change.after), change.field).not.toThrow()
    expect(JSON.parse(change.after), change.field).not.toEqual(JSON.parse(change.before))
  }
})

/** A value that is not the one in `before`. */
function another(field: DescField): unknown {
  if (field.fieldKind === 'enum') return field.enum.values.at(-1)?.localName.toLowerCase()
  if (field.fieldKind === 'map') return { key: 'value' }
  if (field.fieldKind === 'list') return field.message ? [{ name: 'a', max: 1, windowSecs: 2 }] : [7]
  const value = before[field.localName as keyof JobConfig]
  if (typeof value === 'boolean') return !value
  return field.scalar === ScalarType.STRING ? '{"another": 1}' : 7
}
