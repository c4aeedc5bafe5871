import { newUuidv7 } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import { checkEnvironmentPatch, checkNewEnvironment, type EnvironmentInput } from './check-environment.ts'
import { noVariables } from './variables.ts'

const projectId = newUuidv7()
const known = new Set(['id', 'etag', 'name', 'slug'])
const context = { projectId, targetProblem: () => undefined }
const input: EnvironmentInput = {
  projectId: undefined,
  name: 'Name',
  slug: undefined,
  description: undefined,
  parentId: undefined,
  own: noVariables,
}

const created = (over: Partial<EnvironmentInput>) => checkNewEnvironment({ ...input, ...over }, context)
const patched = (over: Partial<EnvironmentInput>, mask: readonly string[] | undefined) =>
  checkEnvironmentPatch({ ...input, ...over }, mask, known, context)

test('what is left out takes its default', () => {
  expect(created({})).toEqual({
    ok: true,
    patch: {
      name: 'Name',
      slug: { text: undefined },
      description: '',
      parent: { id: undefined },
      variables: new Map(),
      jobOverrides: new Map(),
    },
  })
})

test.each<[Partial<EnvironmentInput>, string]>([
  [{ name: '' }, 'environment.name'],
  [{ name: '  ' }, 'environment.name'],
  [{ name: 'x'.repeat(256) }, 'environment.name'],
  [{ slug: '' }, 'environment.slug'],
  [{ slug: newUuidv7() }, 'environment.slug'],
  [{ description: 'x'.repeat(4_097) }, 'environment.description'],
  [{ parentId: '' }, 'environment.parent_id'],
  [{ projectId: newUuidv7() }, 'environment.project_id'],
])('%j is wrong at %s', (over, field) => {
  expect(created(over)).toMatchObject({ ok: false, problems: [{ field }] })
})

test('bounds themselves are within them', () => {
  const over = { name: '😀'.repeat(255), slug: 'x'.repeat(128), description: '😀'.repeat(4_096) }
  expect(created(over)).toMatchObject({ ok: true, patch: { name: over.name, description: over.description } })
})

test('ids are the same in either case', () => {
  const parentId = newUuidv7()
  expect(created({ projectId: projectId.toUpperCase(), parentId: parentId.toUpperCase() })).toMatchObject({
    patch: { parent: { id: parentId } },
  })
})

test('a change has the fields that its mask names, and only those are checked', () => {
  expect(patched({ name: '', slug: 'ok' }, ['slug', 'slug', 'id', 'etag'])).toEqual({
    ok: true,
    patch: { slug: { text: 'ok' } },
  })
  expect(patched({}, [])).toEqual({ ok: true, patch: {} })
})

test('without a mask, and with fields that are none, nothing is changed', () => {
  expect(patched({}, undefined)).toMatchObject({ problems: [{ field: 'update_mask' }] })
  expect(patched({ name: '' }, ['name', 'nmae', '__proto__'])).toMatchObject({
    problems: [
      { field: 'update_mask', description: '"nmae" is no field of an environment' },
      { field: 'update_mask', description: '"__proto__" is no field of an environment' },
      { field: 'patch.name' },
    ],
  })
  const many = Array.from({ length: 100 }, (_, i) => `f${i}`)
  const checked = patched({}, many)
  expect(checked.ok ? [] : checked.problems).toHaveLength(20)
})

test('a job without variables is not kept', () => {
  const jobOverrides = new Map([['job', new Map<string, string>()]])
  expect(created({ own: { ...noVariables, jobOverrides } })).toMatchObject({
    patch: { jobOverrides: new Map() },
  })
})
