// Environments above and below each other: cycles, depth, what follows from a change above, and changes that meet.

import { fromBinary } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import { CatalogChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type EnvironmentBundle, openEnvironments } from './environment-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: EnvironmentBundle
beforeAll(async () => {
  app = await openEnvironments()
})
afterAll(() => app[Symbol.asyncDispose]())

/** A line of new environments, the root first; answers their ids. */
async function aLine(name: string, length: number, in_ = app): Promise<readonly string[]> {
  const ids: string[] = []
  for (let i = 0; i < length; i++) {
    const parentId = ids.at(-1)
    ids.push((await in_.make({ name: `${name} ${i}`, ...(parentId && { parentId }) })).id)
  }
  return ids
}

const moveTo = (id: string, parentId: string) => app.update(id, { parentId })
const badParent = { code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['patch.parent_id'] }

test('no environment is above itself, however far', async () => {
  const [root = '', middle = '', leaf = ''] = await aLine('cycle', 3)
  for (const below of [root, middle, leaf])
    expect(await refusalOf(moveTo(root, below))).toMatchObject(badParent)
  expect(await refusalOf(moveTo(middle, leaf))).toMatchObject({
    message: expect.stringMatching(/would make a cycle/),
  })
  expect((await app.environments.getEnvironment({ environment: root })).environment?.parentId).toBeUndefined()
})

test('ten are in a line and not eleven, counted above and below', async () => {
  const line = await aLine('deep', 10)
  const eleventh = app.environments.createEnvironment({
    environment: { name: 'Eleventh', parentId: line.at(-1) },
  })
  expect(await refusalOf(eleventh)).toMatchObject({ fields: ['environment.parent_id'] })
  const [above = '', below = ''] = await aLine('two', 2)
  expect(await refusalOf(moveTo(line[0] ?? '', below))).toMatchObject(badParent)
  expect(await refusalOf(moveTo(line[0] ?? '', above))).toMatchObject(badParent)
  // The branch that moves is two high, so it fits below the eighth and not below the ninth.
  expect(await refusalOf(moveTo(above, line[8] ?? ''))).toMatchObject(badParent)
  expect(await moveTo(above, line[7] ?? '')).toMatchObject({ parentId: line[7] })
})

test('of two that are put below each other at once, one is refused', async () => {
  for (let round = 0; round < 10; round++) {
    const [a, b] = [await app.make({ name: `a ${round}` }), await app.make({ name: `b ${round}` })]
    const outcomes = await Promise.allSettled([moveTo(a.id, b.id), moveTo(b.id, a.id)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  }
})

test('of environments that go round in a ring at once, one is refused and the rest is a line', async () => {
  const ring = await Promise.all(Array.from({ length: 6 }, (_, i) => app.make({ name: `ring ${i}` })))
  const outcomes = await Promise.allSettled(
    ring.map(({ id }, i) => moveTo(id, ring[(i + 1) % ring.length]?.id ?? '')),
  )
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
})

test('a parent that is deleted at the same moment is either there or not the parent', async () => {
  for (let round = 0; round < 10; round++) {
    const parent = await app.make({ name: `parent ${round}` })
    const [child, deletion] = await Promise.allSettled([
      app.make({ name: `child ${round}`, parentId: parent.id }),
      app.environments.deleteEnvironment({ environment: parent.id }),
    ])
    expect([child.status, deletion.status].toSorted()).toEqual(['fulfilled', 'rejected'])
  }
})

test('which variables hold, and where each comes from', async () => {
  const root = await app.make({
    name: 'Names root',
    variables: { A: '1', B: '1' },
    jobOverrides: { job: { variables: { B: '1', D: '1' } }, constructor: { variables: { E: '1' } } },
  })
  const leaf = await app.make({
    name: 'Names leaf',
    parentId: root.id,
    variables: { B: '2', C: '2', D: '2' },
    jobOverrides: { job: { variables: { F: '2' } } },
  })
  const names = async (job?: string) => {
    const { variables } = await app.environments.listEnvironmentVariables({
      environment: leaf.slug,
      ...(job && { job }),
    })
    return variables.map(({ name, environmentId, jobOverride }) =>
      [name, environmentId === root.id ? 'root' : 'leaf', ...(jobOverride ? ['job'] : [])].join(' '),
    )
  }
  expect(await names()).toEqual(['A root', 'B leaf', 'C leaf', 'D leaf'])
  expect(await names('job')).toEqual(['A root', 'B root job', 'C leaf', 'D root job', 'F leaf job'])
  expect(await names('constructor')).toEqual(['A root', 'B leaf', 'C leaf', 'D leaf', 'E root job'])
  expect(await names('other')).toEqual(await names())
  const bad = app.environments.listEnvironmentVariables({ environment: leaf.id, job: 'No Job' })
  expect(await refusalOf(bad)).toMatchObject({ fields: ['job'] })
})

test('a change of values marks and tells everything below it, and a change of name itself alone', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const listener = await connectBus({ url: nats.url, name: 'listener' })
  onTestFinished(() => listener.close())
  const heard: string[][] = []
  listener.subscribe(subjects.catalogChanged('environment'), (bytes) => {
    heard.push(fromBinary(CatalogChangedSchema, bytes).ids)
  })
  await listener.connection()?.flush()
  const told = await openEnvironments({ NATS_URL: nats.url })
  onTestFinished(() => told[Symbol.asyncDispose]())

  const [root = '', middle = '', leaf = ''] = await aLine('told', 3, told)
  const other = await told.make({ name: 'Other' })
  const { db } = told.store
  const changedOf = async () => {
    const rows = await db.selectFrom('environments').select(['id', 'changed', 'variables_revision']).execute()
    return new Map(rows.map((row) => [row.id, row]))
  }
  const movedBy = async (change: () => Promise<unknown>) => {
    const before = await changedOf()
    await change()
    const after = [...(await changedOf()).values()]
    const moved = after.filter(({ id, changed }) => changed !== before.get(id)?.changed)
    const counted = after.filter((row) => row.variables_revision !== before.get(row.id)?.variables_revision)
    return { moved: moved.map(({ id }) => id).toSorted(), counted: counted.map(({ id }) => id) }
  }
  const line = [root, middle, leaf].toSorted()
  expect(await movedBy(() => told.update(root, { variables: { A: 'x' } }))).toEqual({
    moved: line,
    counted: [root],
  })
  expect(await movedBy(() => told.update(root, { name: 'new' }))).toEqual({ moved: [root], counted: [] })
  const below = [middle, leaf].toSorted()
  expect(await movedBy(() => told.update(middle, { parentId: other.id }))).toEqual({
    moved: below,
    counted: [middle],
  })
  const set = () => told.environments.setEnvironmentVariables({ environment: other.id, set: { B: 'x' } })
  expect(await movedBy(set)).toEqual({ moved: [other.id, ...below].toSorted(), counted: [other.id] })
  expect(await movedBy(set)).toEqual({ moved: [], counted: [] })
  await told.environments.deleteEnvironment({ environment: root })
  // News of one connection keeps its order: what was not told before the deletion never will be.
  await waitFor(() => heard.length === 9, { what: 'news of everything' })
  expect(heard.slice(4).map((ids) => ids.toSorted())).toEqual([
    line,
    [root],
    below,
    [other.id, ...below].toSorted(),
    [root],
  ])
})

test('a line is as long as its bound, whatever is stored', async () => {
  const line = await aLine('forged', 10)
  const { db } = app.store
  // No call makes this; a statement by hand does.
  await db
    .updateTable('environments')
    .set({ parent_id: line[9] })
    .where('id', '=', line[0] ?? '')
    .execute()
  const { revision } = await app.values(line[9] ?? '')
  expect(revision.split(',')).toHaveLength(10)
  const names = await app.environments.listEnvironmentVariables({ environment: line[9] })
  expect(names.variables).toEqual([])
  expect(await app.update(line[5] ?? '', { variables: { A: 'x' } })).toMatchObject({ revision: 2 })
  await db
    .updateTable('environments')
    .set({ parent_id: null })
    .where('id', '=', line[0] ?? '')
    .execute()
})
