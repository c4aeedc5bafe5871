import { expect, test } from 'vitest'
import { decideVersion } from './decide-version.ts'
import { callShapingFields, configDefaults, type JobConfig } from './job.ts'

const before: JobConfig = {
  ...configDefaults,
  name: 'A',
  slug: 'a',
  endpointUrl: 'https://example.com',
  tags: { a: '1' },
}

/** Another value than each field has. */
const others: Record<keyof JobConfig, unknown> = {
  ...Object.fromEntries(Object.entries(before).map(([key, value]) => [key, other(value)])),
} as Record<keyof JobConfig, unknown>

function other(value: unknown): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  if (Array.isArray(value)) return [...value, 1]
  if (typeof value === 'object') return { ...value, other: '2' }
  return `${String(value)}x`
}

const ownFlag: keyof JobConfig = 'backwardsCompatible'
const fields = (Object.keys(before) as (keyof JobConfig)[]).filter((field) => field !== ownFlag)

test('what shapes a call is what a run takes from its version, and nothing that is read live or when it is created', () => {
  expect([...callShapingFields].toSorted()).toEqual([
    'endpointUrl',
    'environmentId',
    'executionWindowCron',
    'fallbackEndpointUrl',
    'maxAttempts',
    'onCompletePayloadMapping',
    'onCompleteTriggerWorkflow',
    'onLostAttempt',
    'retryDelaysSecs',
    'retryStrategy',
    'timeoutSecs',
    'timezone',
    'webhookUrl',
  ])
})

test.each(fields)('another %s makes a version, compatible by itself unless it shapes a call', (field) => {
  const config = { ...before, [field]: others[field] } as JobConfig
  const compatible = !callShapingFields.has(field)
  expect(decideVersion(before, { config, saysCompatible: false })).toEqual({ to: 'write', compatible })
  const said = { ...config, backwardsCompatible: true }
  expect(decideVersion(before, { config: said, saysCompatible: true })).toEqual({
    to: 'write',
    compatible: true,
  })
})

test('the same values, in whatever order, make none', () => {
  const config = structuredClone(before)
  for (const saysCompatible of [true, false])
    expect(
      decideVersion(
        { ...before, tags: { b: '2', a: '1' } },
        { config: { ...config, tags: { a: '1', b: '2' } }, saysCompatible },
      ),
    ).toEqual({
      to: 'keep',
    })
})

test.each([
  // The flag of the version before, what the change says of it, whether it says anything, what comes of it.
  [true, false, false, 'keep'],
  [true, false, true, 'write'],
  [false, true, true, 'write'],
  [true, true, true, 'keep'],
  [false, false, true, 'keep'],
] as const)('flag %s, then %s, said %s: %s', (was, is, saysCompatible, to) => {
  const decision = decideVersion(
    { ...before, backwardsCompatible: was },
    { config: { ...before, backwardsCompatible: is }, saysCompatible },
  )
  expect(decision.to).toBe(to)
})

test('one field that shapes a call among many that do not breaks it', () => {
  const config = { ...before, tags: {}, description: 'x', timeoutSecs: 1 }
  expect(decideVersion(before, { config, saysCompatible: false })).toEqual({ to: 'write', compatible: false })
})
