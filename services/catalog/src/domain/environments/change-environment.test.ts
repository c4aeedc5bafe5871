import type { EnvironmentId, ProjectId } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import { decideEnvironmentChange } from './change-environment.ts'
import type { EnvironmentPatch } from './check-environment.ts'
import type { EnvironmentRecord } from './environment-record.ts'
import { namesOf, type OwnVariables } from './variables.ts'

const own: OwnVariables = {
  variables: new Map([
    ['A', '1'],
    ['B', '2'],
  ]),
  jobOverrides: new Map([['job', new Map([['C', '3']])]]),
}

const before: EnvironmentRecord = {
  id: 'e' as EnvironmentId,
  projectId: 'p' as ProjectId,
  name: 'Name',
  slug: 'name-2',
  description: '',
  parentId: undefined,
  names: namesOf(own),
  variablesRevision: 1,
  revision: 4,
  createdBy: 'x',
  createdAt: new Date(0),
  updatedBy: 'x',
  updatedAt: new Date(0),
}

const decide = (patch: EnvironmentPatch, etag?: string) => decideEnvironmentChange(before, own, patch, etag)

test.each<[EnvironmentPatch]>([
  [{}],
  [{ name: 'Name', slug: { text: 'name-2' }, description: '', parent: { id: undefined } }],
  [{ slug: { text: undefined } }],
  [{ variables: new Map([...own.variables].reverse()) }],
  [{ jobOverrides: new Map(own.jobOverrides) }],
])('%j changes nothing', (patch) => {
  expect(decide(patch, 'rev_4')).toEqual({ to: 'keep' })
})

test.each([
  [{ variables: new Map([['A', '1']]) }, ['B']],
  [{ variables: new Map([...own.variables, ['D', '']]) }, ['D']],
  [{ variables: new Map([...own.variables, ['A', 'x']]) }, ['A']],
  [{ jobOverrides: new Map() }, ['job.C']],
  [
    { variables: new Map(), jobOverrides: new Map([['other', new Map([['C', '3']])]]) },
    ['A', 'B', 'job.C', 'other.C'],
  ],
])('%j changes the values of %j', (patch, changedNames) => {
  expect(decide(patch)).toMatchObject({ to: 'write', changedNames, parentMoved: false })
})

test('what is no variable leaves the variables alone', () => {
  const decision = decide({ name: 'Other', parent: { id: 'q' } })
  expect(decision).toEqual({
    to: 'write',
    fields: { name: 'Other', slug: 'name-2', description: '', parentId: 'q' },
    own: undefined,
    changedNames: [],
    parentMoved: true,
    slugIsMade: false,
  })
})

test('a slug that is cleared is made from the name that holds then', () => {
  const decision = decide({ name: 'New name', slug: { text: undefined } })
  expect(decision).toMatchObject({ fields: { slug: 'new-name' }, slugIsMade: true })
})

test.each(['rev_3', 'rev_5', '4', 'x'])('the etag %s is that of another state', (etag) => {
  expect(decide({ name: 'Other' }, etag)).toEqual({ to: 'refuse', reason: 'ETAG_MISMATCH' })
})
