import { create } from '@bufbuild/protobuf'
import { type Head, HeadSchema } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHeadMemory } from './head-memory.ts'

const project = '01890000-0000-7000-8000-0000000000aa'
const [one, two] = ['01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002']

function job(
  id: string,
  fields: { slug?: string; deleted?: boolean; paused?: boolean; closing?: boolean } = {},
): Head {
  return create(HeadSchema, {
    kind: {
      case: 'job',
      value: { id, projectId: project, slug: 'slug', version: 1, enabled: true, ...fields },
    },
  } as never)
}

test('of two answers about a head the one that was read later stays, in whatever order they come', () => {
  const memory = createHeadMemory()
  expect(memory.learn([job(one, { paused: true })], 20n)).toMatchObject([{ kind: 'job', before: undefined }])
  expect(memory.learn([job(one)], 10n)).toEqual([])
  expect(memory.get('job', one)).toMatchObject({ paused: true })
  expect(memory.learn([job(one)], 30n)).toMatchObject([{ now: { paused: false }, before: { paused: true } }])
})

test('what is the same is told once, and counts as read later all the same', () => {
  const memory = createHeadMemory()
  expect(memory.learn([job(one)], 10n)).toHaveLength(1)
  expect(memory.learn([job(one)], 30n)).toEqual([])
  expect(memory.learn([job(one, { paused: true })], 20n)).toEqual([])
  expect(memory.get('job', one)).toMatchObject({ paused: false })
})

test('a job is found by id in any case and by slug exactly, in its project only, until it is deleted', () => {
  const memory = createHeadMemory()
  memory.learn([job(one)], 1n)
  for (const name of [one, one.toUpperCase(), 'slug']) expect(memory.findJob(project, name)?.id).toBe(one)
  for (const name of ['Slug', 'slug ', '', two, '__proto__'])
    expect(memory.findJob(project, name)).toBeUndefined()
  for (const name of [one, 'slug']) expect(memory.findJob(two, name)).toBeUndefined()
  memory.learn([job(one, { deleted: true })], 2n)
  for (const name of [one, 'slug']) expect(memory.findJob(project, name)).toBeUndefined()
  expect(memory.get('job', one)).toMatchObject({ deleted: true })
})

test('a slug goes with whoever has it', () => {
  const memory = createHeadMemory()
  memory.learn([job(one, { slug: 'a' })], 1n)
  memory.learn([job(one, { slug: 'b' }), job(two, { slug: 'a' })], 2n)
  expect([memory.findJob(project, 'a')?.id, memory.findJob(project, 'b')?.id]).toEqual([two, one])
  // The new holder first, the old one's loss of it after.
  memory.learn([job(one, { slug: 'a' })], 3n)
  memory.learn([job(two, { slug: 'b' })], 3n)
  expect([memory.findJob(project, 'a')?.id, memory.findJob(project, 'b')?.id]).toEqual([one, two])
  memory.learn([job(two, { slug: 'b', deleted: true })], 4n)
  expect(memory.findJob(project, 'b')).toBeUndefined()
})

test('jobs that are being deleted are listed until they are not', () => {
  const memory = createHeadMemory()
  memory.learn([job(one, { closing: true }), job(two, { slug: 'two' })], 1n)
  expect([...memory.closing()]).toEqual([one])
  memory.learn([job(one, { deleted: true })], 2n)
  expect([...memory.closing()]).toEqual([])
})

test('a head without a kind, from a catalog that knows more of them, is passed by', () => {
  const memory = createHeadMemory()
  expect(memory.learn([create(HeadSchema), job(one)], 1n)).toHaveLength(1)
})

test('heads of one id and another kind are apart', () => {
  const memory = createHeadMemory()
  const group = create(HeadSchema, {
    kind: { case: 'jobGroup', value: { id: one, projectId: project } },
  } as never)
  memory.learn([group, job(one)], 1n)
  expect([memory.count('job'), memory.count('job_group'), memory.count('project')]).toEqual([1, 1, 0])
  expect([...memory.all('job_group')]).toMatchObject([{ id: one }])
})

test('however answers cross and repeat, memory ends as the last state and so does every slug', () => {
  const ids = Array.from({ length: 4 }, (_, n) => `01890000-0000-7000-8000-00000000001${n}`)
  const write = fc.record({
    id: fc.constantFrom(...ids),
    slug: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    deleted: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(write, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (writes, dice) => {
      // The catalog: a slug has one holder, and what is deleted stays so.
      const rows = new Map<string, { slug: string; deleted: boolean }>()
      const reads: { heads: Head[]; asOf: bigint }[] = []
      for (const { id, slug, deleted } of writes) {
        const isTaken = [...rows].some(([other, row]) => other !== id && !row.deleted && row.slug === slug)
        if (rows.get(id)?.deleted === true || isTaken) continue
        rows.set(id, { slug, deleted })
        const all = [...rows].map(([each, row]) => job(each, row))
        // Each state is read whole by one, and in part by another.
        const part = all.filter(() => (dice.next().value ?? 0) % 2 === 0)
        for (const heads of [all, part]) reads.push({ heads, asOf: BigInt(reads.length) })
      }
      const memory = createHeadMemory()
      const order = reads.map((read) => ({ read, at: dice.next().value ?? 0 })).sort((a, b) => a.at - b.at)
      for (const { read } of order) memory.learn(read.heads, read.asOf)
      for (const [id, row] of rows) expect(memory.get('job', id)).toMatchObject(row)
      for (const slug of ['a', 'b', 'c', 'd', 'e']) {
        const holder = [...rows].find(([, row]) => row.slug === slug && !row.deleted)
        expect(memory.findJob(project, slug)?.id).toBe(holder?.[0])
      }
    }),
    { numRuns: 500 },
  )
})

test('a job that was closed a minute ago is opened, should nobody be there to say how that ended; whoever is says it', () => {
  let now = 0
  const memory = createHeadMemory(() => now)
  memory.learn([job(one, { closing: true })], 1n)
  now = 30_000
  memory.learn([job(one, { closing: true, paused: true }), job(two, { slug: 'b', closing: true })], 2n)
  expect(memory.reopen()).toEqual([])
  now = 60_000
  expect(memory.reopen()).toMatchObject([
    { now: { id: one, closing: false, paused: true }, before: { closing: true } },
  ])
  expect(memory.findJob(project, one)).toMatchObject({ closing: false })
  expect([...memory.closing()]).toEqual([two])
  expect(memory.reopen()).toEqual([])
  memory.learn([job(one, { closing: true })], 3n)
  expect(memory.get('job', one)).toMatchObject({ closing: true })
})
