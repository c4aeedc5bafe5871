// How entries become a chain, and what is wrong with one that was changed. Each entry holds the hash of the one before, so whoever
// knows the last hash knows all of them: a change of an entry shows in its own hash, a hash that was mended in the entry after it, and
// an entry that is missing as a gap. Only entries missing at the end leave a chain that holds: what shows them is a hash that somebody
// remembered.

import type { AuditEvent, HashedEvent } from './audit-event.ts'
import { hashBeforeFirst, hashEvent } from './hash-event.ts'

/** How far a chain goes. */
export interface ChainEnd {
  readonly position: number
  /** Undefined where it is not known, so that nothing is compared with it. */
  readonly hash: string | undefined
}

/** Something wrong, and where. */
export interface ChainFault {
  readonly position: number
  readonly problem: string
}

/** A chain without an entry. */
export const emptyChain = { position: 0, hash: hashBeforeFirst } as const

/** Puts entries at the end of a chain, in the order that they have. */
export function chainEvents(
  end: { readonly position: number; readonly hash: string },
  events: readonly Omit<HashedEvent, 'position' | 'previousHash'>[],
): readonly AuditEvent[] {
  let { position, hash } = end
  return events.map((event) => {
    const placed = { ...event, position: ++position, previousHash: hash }
    hash = hashEvent(placed)
    return { ...placed, hash }
  })
}

/** What is wrong with an entry that comes after the end of a chain; undefined where it goes on from there. */
export function findFault(end: ChainEnd, event: AuditEvent): ChainFault | undefined {
  return findLinkFault(end, event) ?? findHashFault(event)
}

/** What is wrong between an entry and the one before it. */
export function findLinkFault(
  end: ChainEnd,
  event: Pick<AuditEvent, 'position' | 'previousHash'>,
): ChainFault | undefined {
  const position = end.position + 1
  if (event.position !== position)
    return { position, problem: `there is no entry at position ${position}, though there are later ones` }
  if (end.hash !== undefined && event.previousHash !== end.hash)
    return { position, problem: `the entry at position ${position} does not hold the hash of the one before` }
  return undefined
}

/** What is wrong with an entry by itself. */
export function findHashFault(event: AuditEvent): ChainFault | undefined {
  const { position } = event
  if (hashEvent(event) === event.hash) return undefined
  return { position, problem: `the entry at position ${position} is not what its hash was made of` }
}

/** What is wrong where somebody remembers the hash of an entry; undefined where it still has it. */
export function findRememberedFault(
  { position, hash }: { readonly position: number; readonly hash: string },
  found: string | undefined,
): ChainFault | undefined {
  if (found === hash) return undefined
  const problem =
    found === undefined
      ? `there is no entry at position ${position}, whose hash was remembered`
      : `the entry at position ${position} does not have the hash that was remembered`
  return { position, problem }
}
