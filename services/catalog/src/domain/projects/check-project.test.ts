import { expect, test } from 'vitest'
import type { EntryCheck } from './check-egress-allow.ts'
import { checkNewProject, checkProjectPatch, type ProjectInput } from './check-project.ts'

const known = new Set(['id', 'name', 'slug', 'egress_allow', 'etag', 'paused_at'])
const checkEntry: EntryCheck = (text) =>
  text.startsWith('10.') ? { ok: true, entry: text.trim() } : { ok: false, reason: 'is not allowed' }

function anInput(over: Partial<ProjectInput> = {}): ProjectInput {
  return { name: 'Shop', slug: undefined, egressAllow: [], ...over }
}

function problemsOf(over: Partial<ProjectInput>) {
  const checked = checkNewProject(anInput(over), checkEntry)
  return checked.ok ? [] : checked.problems.map(({ field, description }) => `${field} ${description}`)
}

test('a name makes a project, and its list is kept as it is spelt', () => {
  expect(checkNewProject(anInput({ egressAllow: ['10.0.0.0/8 '] }), checkEntry)).toEqual({
    ok: true,
    value: { name: 'Shop', slug: { text: 'shop', isChosen: false }, egressAllow: ['10.0.0.0/8'] },
  })
  expect(checkNewProject(anInput({ name: '…' }), checkEntry)).toMatchObject({
    value: { slug: { text: 'project' } },
  })
  expect(checkNewProject(undefined, checkEntry)).toMatchObject({ problems: [{ field: 'project' }] })
})

test('everything that is wrong is said at once, each entry by its place', () => {
  expect(
    problemsOf({ name: '', slug: 'a--b', egressAllow: ['10.1', '8.8.8.8', '10.1 ', 'x'.repeat(100)] }),
  ).toEqual([
    'project.name is required',
    expect.stringMatching(/^project\.slug must be/),
    'project.egress_allow[1] "8.8.8.8" is not allowed',
    'project.egress_allow[2] is there already',
    expect.stringMatching(/^project\.egress_allow\[3\] "x{40}…" is not allowed$/),
  ])
})

test('bounds themselves are within them', () => {
  expect(problemsOf({ name: '😀'.repeat(255), slug: 'x'.repeat(128) })).toEqual([])
  expect(problemsOf({ name: 'x'.repeat(256), slug: 'x'.repeat(129) })).toEqual([
    'project.name must have at most 255 characters',
    expect.stringMatching(/^project\.slug must/),
  ])
})

test('50 entries are a list, 51 are not', () => {
  const list = (length: number) => Array.from({ length }, (_, n) => `10.${n}`)
  expect(problemsOf({ egressAllow: list(50) })).toEqual([])
  expect(problemsOf({ egressAllow: list(51) })).toEqual([
    'project.egress_allow must have at most 50 entries, not 51',
  ])
})

test('a list is held against the deployment only when it shall change', () => {
  const patch = anInput({ name: 'New', egressAllow: ['8.8.8.8'] })
  const check = (...mask: string[]) => checkProjectPatch({ patch, mask }, checkEntry, known)
  expect(check('name', 'paused_at', 'id')).toEqual({ ok: true, value: { name: 'New' } })
  expect(check('egress_allow')).toMatchObject({ problems: [{ field: 'patch.egress_allow[0]' }] })
  expect(check('slug')).toEqual({ ok: true, value: { slug: { chosen: undefined } } })
  expect(checkProjectPatch({ patch: anInput(), mask: ['egress_allow'] }, checkEntry, known)).toEqual({
    ok: true,
    value: { egressAllow: [] },
  })
})

test('a change needs what it changes, and names fields that there are', () => {
  const fieldsOf = (patch: ProjectInput | undefined, mask: readonly string[] | undefined) => {
    const checked = checkProjectPatch({ patch, mask }, checkEntry, known)
    return checked.ok ? [] : checked.problems.map(({ field }) => field)
  }
  expect(fieldsOf(undefined, undefined)).toEqual(['update_mask', 'patch'])
  expect(fieldsOf(anInput(), ['constructor'])).toEqual(['update_mask'])
})
