import { expect, test } from 'vitest'
import { configDefaults, type JobConfig } from './jobs/job.ts'
import { asInput, type JobInput } from './jobs/job-input.ts'
import { layPatch } from './lay-patch.ts'

const config: JobConfig = {
  ...configDefaults,
  name: 'A',
  slug: 'a',
  endpointUrl: 'https://example.com',
  tags: { a: '1' },
  backwardsCompatible: true,
  webhookSecretRevision: 3,
}
const before: JobInput = asInput(config)

test('fields that are named are as the change says, all others as they were', () => {
  const laid = layPatch(before, { name: 'B', maxAttempts: 9 }, new Set(['name']))
  expect(laid).toEqual({ ...before, name: 'B' })
})

test('a field that is named and not set is left out, so that it takes its default', () => {
  const laid = layPatch(before, {}, new Set(['tags', 'slug', 'name']))
  expect(laid).toMatchObject({ tags: undefined, slug: undefined, name: undefined })
  expect(laid.endpointUrl).toBe(config.endpointUrl)
})

test('a map is replaced whole', () => {
  expect(layPatch(before, { tags: { b: '2' } }, new Set(['tags'])).tags).toEqual({ b: '2' })
})

test('whether a version of a job is compatible does not stick, and what only a change says comes from it', () => {
  const { webhookSecretRevision: _, backwardsCompatible: __, ...rest } = config
  expect(before).toEqual(rest)
  const said = layPatch(
    before,
    { backwardsCompatible: true, webhookSecret: 's' },
    new Set(['backwardsCompatible', 'webhookSecret']),
  )
  expect(said).toMatchObject({ backwardsCompatible: true, webhookSecret: 's' })
})
