import { expect, test } from 'vitest'
import { checkJobGroupPatch, checkNewJobGroup, type JobGroupInput } from './check-job-group.ts'

const known = new Set(['id', 'project_id', 'name', 'slug', 'description', 'etag', 'created_at'])

function anInput(over: Partial<JobGroupInput> = {}): JobGroupInput {
  return { projectId: '', name: 'Mails', slug: undefined, description: undefined, ...over }
}

function problemsOf(input: JobGroupInput | undefined) {
  const checked = checkNewJobGroup(input, 'p1')
  return checked.ok ? [] : checked.problems.map(({ field, description }) => `${field} ${description}`)
}

test('a name makes a group', () => {
  const slug = { text: 'mails', isChosen: false }
  const value = { name: 'Mails', description: '', slug }
  expect(checkNewJobGroup(anInput(), 'p1')).toEqual({ ok: true, value })
  expect(checkNewJobGroup(anInput({ projectId: 'p1' }), 'p1')).toEqual({ ok: true, value })
  expect(checkNewJobGroup(anInput({ name: '???' }), 'p1')).toMatchObject({
    value: { slug: { text: 'group' } },
  })
  expect(checkNewJobGroup(anInput({ slug: 'mine' }), 'p1')).toMatchObject({
    value: { slug: { text: 'mine', isChosen: true } },
  })
})

test('bounds themselves are within them', () => {
  const most = { name: '😀'.repeat(255), slug: 'x'.repeat(128), description: '😀'.repeat(4_096) }
  expect(problemsOf(anInput(most))).toEqual([])
  const more = { name: 'x'.repeat(256), slug: 'x'.repeat(129) }
  expect(problemsOf(anInput(more))).toEqual([
    'job_group.name must have at most 255 characters',
    expect.stringMatching(/^job_group\.slug must/),
  ])
})

test('everything that is wrong is said at once', () => {
  const wrong = anInput({ projectId: 'p2', name: ' ', slug: 'No Slug', description: 'x'.repeat(4_097) })
  expect(problemsOf(wrong)).toEqual([
    'job_group.project_id is another project than the one of the key; leave it out',
    'job_group.name must not be blank',
    expect.stringMatching(/^job_group\.slug must be lowercase/),
    'job_group.description must have at most 4096 characters',
  ])
  expect(problemsOf(undefined)).toEqual(['job_group is required'])
  expect(problemsOf(anInput({ name: '' }))).toEqual(['job_group.name is required'])
})

test('a change has what its mask names, and nothing else', () => {
  const patch = anInput({ name: 'New', slug: 'new', description: 'text' })
  const check = (...mask: string[]) => checkJobGroupPatch({ patch, mask }, 'p1', known)
  expect(check()).toEqual({ ok: true, value: {} })
  expect(check('name')).toEqual({ ok: true, value: { name: 'New' } })
  expect(check('slug', 'description')).toEqual({
    ok: true,
    value: { slug: { chosen: 'new' }, description: 'text' },
  })
  expect(check('id', 'etag', 'created_at', 'project_id')).toEqual({ ok: true, value: {} })
})

test('a field that is named and not set takes its default; a name has none', () => {
  const check = (...mask: string[]) => checkJobGroupPatch({ patch: anInput({ name: '' }), mask }, 'p1', known)
  expect(check('slug', 'description')).toEqual({
    ok: true,
    value: { slug: { chosen: undefined }, description: '' },
  })
  expect(check('name')).toEqual({
    ok: false,
    problems: [{ field: 'patch.name', description: 'is required' }],
  })
})

test.each([
  ['no mask', { patch: anInput(), mask: undefined }, ['update_mask']],
  ['no patch', { patch: undefined, mask: ['name'] }, ['patch']],
  ['nothing', { patch: undefined, mask: undefined }, ['update_mask', 'patch']],
  [
    'fields that there are not',
    { patch: anInput(), mask: ['nmae', '__proto__'] },
    ['update_mask', 'update_mask'],
  ],
  ['another project', { patch: anInput({ projectId: 'p2' }), mask: ['project_id'] }, ['patch.project_id']],
])('a change is refused that has %s', (_, input, fields) => {
  const checked = checkJobGroupPatch(input, 'p1', known)
  expect(checked.ok ? [] : checked.problems.map(({ field }) => field)).toEqual(fields)
})
