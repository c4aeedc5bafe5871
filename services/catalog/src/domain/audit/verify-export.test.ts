import { expect, test } from 'vitest'
import type { AuditEvent } from './audit-event.ts'
import { chainEvents, emptyChain } from './chain.ts'
import { createExportCheck, type Remembered } from './verify-export.ts'

const unchained = (nth: number, projectId = 'p') => ({
  id: `id-${nth}`,
  projectId,
  at: '2026-11-24T08:00:00.000Z',
  actor: 'system:test',
  action: 'job.updated',
  resourceType: 'job',
  resourceId: 'j',
  before: undefined,
  after: `{"nth":${nth}}`,
})
const chain = chainEvents(
  emptyChain,
  [1, 2, 3, 4, 5].map((nth) => unchained(nth)),
)
const hashOf = (position: number) => chain[position - 1]?.hash ?? ''

function verify(events: readonly AuditEvent[], remembered?: Remembered) {
  const check = createExportCheck()
  for (const event of events) check.add(event)
  return check.conclude(remembered)
}

test('in whatever order they come, and twice, the entries hold', () => {
  const [verdict] = verify([...chain].reverse().concat(chain.slice(1, 3)))
  expect(verdict).toEqual({
    projectId: 'p',
    range: { from: 1, to: 5 },
    previousHash: emptyChain.hash,
    hash: hashOf(5),
    unchained: 0,
    fault: undefined,
  })
})

test('a part of a chain holds as far as it goes, and its neighbour before is known by its hash', () => {
  const part = chain.slice(2)
  expect(verify(part)).toMatchObject([
    { range: { from: 3, to: 5 }, previousHash: hashOf(2), fault: undefined },
  ])
  expect(verify(part, { position: 2, hash: hashOf(2) })[0]?.fault).toBeUndefined()
  expect(verify(part, { position: 2, hash: hashOf(1) })[0]?.fault?.position).toBe(2)
  expect(verify(part, { position: 1, hash: hashOf(1) })[0]?.fault?.position).toBe(1)
})

test('entries that are not chained yet are counted and nothing else', () => {
  const waiting = { ...unchained(6), position: 0, previousHash: '', hash: '' }
  expect(verify([waiting, ...chain])).toMatchObject([{ unchained: 1, fault: undefined, hash: hashOf(5) }])
  expect(verify([waiting])).toMatchObject([{ unchained: 1, range: undefined, fault: undefined }])
})

test('the first fault by position is told, whatever was read first', () => {
  const broken = chain.map((event) => ([2, 4].includes(event.position) ? { ...event, actor: 'me' } : event))
  expect(verify([...broken].reverse())[0]?.fault?.position).toBe(2)
  expect(verify(broken, { position: 9, hash: hashOf(1) })[0]?.fault?.position).toBe(2)
})

test('a gap, a missing end and two entries in one place are faults', () => {
  expect(verify(chain.filter(({ position }) => position !== 3))[0]?.fault?.position).toBe(3)
  expect(verify(chain.slice(0, 4))[0]?.fault).toBeUndefined()
  expect(verify(chain.slice(0, 4), { position: 5, hash: hashOf(5) })[0]?.fault).toEqual({
    position: 5,
    problem: 'there is no entry at position 5, whose hash was remembered',
  })
  const [, twin] = chainEvents(emptyChain, [unchained(1), unchained(22)])
  expect(verify([...chain, twin as AuditEvent])[0]?.fault).toEqual({
    position: 2,
    problem: 'there are two entries at position 2',
  })
})

test('each project has a chain of its own', () => {
  const other = chainEvents(emptyChain, [unchained(1, 'q'), unchained(2, 'q')])
  const broken = other.map((event) => (event.position === 2 ? { ...event, id: 'x' } : event))
  const verdicts = verify([...chain, ...broken])
  expect(verdicts.map(({ projectId, fault }) => [projectId, fault?.position])).toEqual([
    ['p', undefined],
    ['q', 2],
  ])
})
