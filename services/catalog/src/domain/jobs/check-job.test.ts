import { parseAllowList, publicOnly } from '@strait/egress/address'
import { expect, test } from 'vitest'
import { jobFields } from '../../../test/job-fields.ts'
import { createTargetProblem } from '../../target-problem.ts'
import { type CheckContext, checkJob, type NewJob } from './check-job.ts'
import { configDefaults } from './job.ts'
import type { JobInput } from './job-input.ts'

const context: CheckContext = {
  projectId: 'mine',
  targetProblem: createTargetProblem(publicOnly()),
  known: { group: false, environment: false },
  now: new Date('2026-03-01T00:00:00Z'),
}

const least = { name: 'Nightly report', endpointUrl: 'https://example.com/hook' }

function accepted(over: JobInput, more: Partial<CheckContext> = {}): NewJob {
  const checked = checkJob({ ...least, ...over }, { ...context, ...more })
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.job
}

function refused(over: JobInput, more: Partial<CheckContext> = {}): readonly (readonly [string, string])[] {
  const checked = checkJob({ ...least, ...over }, { ...context, ...more })
  if (checked.ok) throw new Error('was accepted')
  return checked.problems.map(({ field, description }) => [field, description])
}

test('a job with a name and an endpoint gets every default', () => {
  expect(accepted({})).toEqual({
    config: { ...configDefaults, ...least, slug: 'nightly-report' },
    slugIsChosen: false,
    webhookSecret: undefined,
  })
})

// Whether a schema is one is judged elsewhere, in a thread.
const cases = Object.entries(jobFields).filter(([field]) => field !== 'payload_schema')

test.each(cases.flatMap(([field, { good }]) => good.map((fields) => [field, fields] as const)))(
  '%s: within its bounds it is kept as it was given (%#)',
  (_, fields) => {
    const { config, webhookSecret } = accepted(fields)
    expect({ ...config, webhookSecret }).toMatchObject(fields)
  },
)

test.each(
  cases.flatMap(([field, { bad }]) => bad.map(([fields, ...paths]) => [field, fields, paths] as const)),
)('%s: beyond its bounds it is refused under its path (%#)', (_, fields, paths) => {
  expect(refused(fields).map(([path]) => path)).toEqual(paths.map((path) => `job.${path}`))
})

test('everything that is wrong is said at once', () => {
  const wrong = cases.flatMap(([field, { bad }]) => {
    const key = field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) as keyof JobInput
    const value = bad[0]?.[0][key]
    return value === undefined ? [] : [{ field, key, value }]
  })
  // All but three: two have no wrong value, and delays are wrong only beside a strategy that is right.
  expect(wrong).toHaveLength(cases.length - 3)
  const fields = Object.fromEntries(wrong.map(({ key, value }) => [key, value]))
  const said = new Set(refused(fields).map(([path]) => path.replace(/[[].*/, '')))
  expect([...said].sort()).toEqual(wrong.map(({ field }) => `job.${field}`).sort())
})

test('an update names the fields of its patch', () => {
  expect(refused({ maxAttempts: 0 }, { prefix: 'patch' })).toEqual([
    ['patch.max_attempts', 'must be 1 to 100, not 0'],
  ])
})

test('a value that the schema has no word for is refused with the words it has', () => {
  expect(refused({ overlap: '99' })).toEqual([
    ['job.overlap', 'must be one of allow, skip, queue_one, not "99"'],
  ])
})

test('what the job belongs to must be there, in whichever case it is written', () => {
  const groupId = '01890A5D-AC96-774B-BCCE-B302099A8057' as never
  const known = { group: true, environment: false }
  expect(accepted({ groupId }, { known }).config.groupId).toBe('01890a5d-ac96-774b-bcce-b302099a8057')
  expect(refused({ groupId, environmentId: groupId }, { known })).toEqual([
    ['job.environment_id', 'must be the id of an environment of this project'],
  ])
})

test('a window that does not open within five years is refused', () => {
  // 2100 has no leap day.
  const executionWindowCron = '0 9 29 2 *'
  expect(() => accepted({ executionWindowCron })).not.toThrow()
  expect(refused({ executionWindowCron }, { now: new Date('2097-01-01T00:00:00Z') })).toEqual([
    ['job.execution_window_cron', 'does not open within five years'],
  ])
})

test('a wrong cron names each field of it that is wrong', () => {
  expect(refused({ cron: '61 25 * 13 *' })).toEqual([
    ['job.cron', 'minute allows 0 to 59, not "61"'],
    ['job.cron', 'hour allows 0 to 23, not "25"'],
    ['job.cron', 'month allows 1 to 12, not "13"'],
  ])
})

test.each([
  ['Crème brûlée №1', 'creme-brulee-no1'],
  ['北京 报告', 'beijing-baogao'],
  ['🎉', 'job'],
  ['01890a5d-ac96-774b-bcce-b302099a8057', 'job'],
])('the name %j makes the slug %j', (name, slug) => {
  expect(accepted({ name })).toMatchObject({ config: { slug }, slugIsChosen: false })
})

test('a deployment may allow special addresses, and never those of cloud metadata', () => {
  const parsed = parseAllowList(['10.1.0.0/16:8080', '127.0.0.0/8', '169.254.0.0/16'])
  const targetProblem = createTargetProblem(parsed.ok ? parsed.allow : publicOnly())
  expect(targetProblem('http://localhost:3000/x')).toBeUndefined()
  expect(targetProblem('http://127.0.0.1/')).toBeUndefined()
  expect(targetProblem('http://10.1.2.3:8080/')).toBeUndefined()
  expect(targetProblem('http://10.1.2.3/')).toMatch(/private/)
  expect(targetProblem('http://169.254.169.254/')).toMatch(/metadata/)
})

test.each([
  'https://{{HOST}}/x',
  'http://{{HOST}}:{{PORT}}/',
  'http://{{A}}{{B}}/{{C}}',
  'http://example.com:80{{PORT}}/{{a}}/{{b}}?q={{c}}&{{d}}',
  'http://[{{IP}}]:{{PORT}}/',
  'http://{{A}}.0.0.1/',
  'http://10.0.0.{{A}}/',
  `http://example.com/{{${'A'.repeat(128)}}}`,
])('%s becomes a legal URL with some value', (url) => {
  expect(context.targetProblem(url)).toBeUndefined()
})

test.each([
  ['http://example.com/{{1A}}', /must name variables as/],
  ['http://example.com/{{}}', /must name variables as/],
  [`http://example.com/{{${'A'.repeat(129)}}}`, /must name variables as/],
  ['http://example.com/{{A', /percent-encode/],
  ['http://example.com/{A}', /percent-encode/],
  ['http://{{USER}}:{{PASSWORD}}@example.com/', /credentials/],
  ['{{SCHEME}}://example.com/', /must start with/],
  ['http://10.0.0.1/{{A}}', /private/],
  ['http://localhost/{{A}}', /loopback/],
  ['http://example.com/#{{A}}', /fragment/],
])('%s is no legal URL whatever the values', (url, reason) => {
  expect(context.targetProblem(url)).toMatch(reason)
})
