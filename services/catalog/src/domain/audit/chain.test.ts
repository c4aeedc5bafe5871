import { expect, test } from 'vitest'
import type { AuditEvent } from './audit-event.ts'
import { type ChainFault, chainEvents, emptyChain, findFault, findRememberedFault } from './chain.ts'
import { hashBeforeFirst, hashEvent } from './hash-event.ts'

const unchained = (nth: number) => ({
  id: `id-${nth}`,
  projectId: 'p',
  at: '2026-11-24T08:00:00.000Z',
  actor: 'system:test',
  action: 'job.updated',
  resourceType: 'job',
  resourceId: 'j',
  before: undefined,
  after: `{"nth":${nth}}`,
})
const chain = chainEvents(emptyChain, [1, 2, 3, 4, 5].map(unchained))

/** The first fault of a chain that is read from its beginning. */
function firstFault(events: readonly AuditEvent[]): ChainFault | undefined {
  let end: Parameters<typeof findFault>[0] = emptyChain
  for (const event of events) {
    const fault = findFault(end, event)
    if (fault !== undefined) return fault
    end = event
  }
  return undefined
}

const changed = (position: number, over: Partial<AuditEvent>) =>
  chain.map((event) => (event.position === position ? { ...event, ...over } : event))

test('entries get places without a gap, and each holds the hash of the one before', () => {
  expect(chain.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5])
  expect(chain.map(({ previousHash }) => previousHash)).toEqual([
    hashBeforeFirst,
    ...chain.slice(0, -1).map(({ hash }) => hash),
  ])
  expect(firstFault(chain)).toBeUndefined()
})

test('however it is cut into batches, the chain is the same', () => {
  for (let cut = 0; cut <= 5; cut++) {
    const head = chainEvents(emptyChain, [1, 2, 3, 4, 5].slice(0, cut).map(unchained))
    const tail = chainEvents(head.at(-1) ?? emptyChain, [1, 2, 3, 4, 5].slice(cut).map(unchained))
    expect([...head, ...tail]).toEqual(chain)
  }
})

test('a changed entry is at fault itself', () => {
  for (const over of [
    { actor: 'somebody' },
    { after: undefined },
    { hash: 'f'.repeat(64) },
    { previousHash: 'f'.repeat(64) },
  ])
    expect(firstFault(changed(3, over))?.position).toBe(3)
})

test('an entry that was changed and hashed anew is betrayed by the next one', () => {
  const forged = { ...(chain[2] as AuditEvent), after: '{"nth":33}' }
  expect(firstFault(changed(3, { after: forged.after, hash: hashEvent(forged) }))).toEqual({
    position: 4,
    problem: 'the entry at position 4 does not hold the hash of the one before',
  })
})

test('an entry that is missing is a gap, wherever there are later ones', () => {
  for (const missing of [1, 2, 4])
    expect(firstFault(chain.filter(({ position }) => position !== missing))).toEqual({
      position: missing,
      problem: `there is no entry at position ${missing}, though there are later ones`,
    })
})

test('entries missing at the end are seen by who remembers a hash', () => {
  const last = chain[4] as AuditEvent
  expect(firstFault(chain.slice(0, 3))).toBeUndefined()
  expect(findRememberedFault(last, undefined)).toEqual({
    position: 5,
    problem: 'there is no entry at position 5, whose hash was remembered',
  })
  expect(findRememberedFault(last, 'f'.repeat(64))?.problem).toContain('does not have the hash')
  expect(findRememberedFault(last, last.hash)).toBeUndefined()
})
