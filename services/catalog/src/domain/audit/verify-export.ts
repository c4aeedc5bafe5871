// Whether the chains hold that somebody has of the audit log, in whatever order the entries come and however often. Of each entry only its
// place and its two hashes are kept, so an export may be larger than memory.

import type { AuditEvent } from './audit-event.ts'
import {
  type ChainEnd,
  type ChainFault,
  emptyChain,
  findHashFault,
  findLinkFault,
  findRememberedFault,
} from './chain.ts'

/** A hash that somebody remembered. */
export interface Remembered {
  readonly position: number
  readonly hash: string
}

/** What can be said of the entries of one project. */
export interface ChainVerdict {
  readonly projectId: string
  /** The first and the last position; undefined where none is chained. */
  readonly range: { readonly from: number; readonly to: number } | undefined
  /** What the first of them holds as the hash of the one before. */
  readonly previousHash: string
  /** The hash of the last. */
  readonly hash: string
  /** How many are not chained yet. */
  readonly unchained: number
  /** The first thing wrong, by position. */
  readonly fault: ChainFault | undefined
}

interface Link extends Pick<AuditEvent, 'position' | 'previousHash' | 'hash'> {
  readonly fault: ChainFault | undefined
}

interface Chain {
  readonly links: Link[]
  unchained: number
}

/** Takes entries, and says at the end what holds. */
export function createExportCheck() {
  const chains = new Map<string, Chain>()
  return {
    add(event: AuditEvent): void {
      const chain = chains.get(event.projectId) ?? { links: [], unchained: 0 }
      chains.set(event.projectId, chain)
      if (event.position === 0) chain.unchained++
      else {
        const { position, previousHash, hash } = event
        chain.links.push({ position, previousHash, hash, fault: findHashFault(event) })
      }
    },
    conclude(remembered?: Remembered): readonly ChainVerdict[] {
      return [...chains].map(([projectId, chain]) => judge(projectId, chain, remembered))
    },
  }
}

function judge(
  projectId: string,
  { links, unchained }: Chain,
  remembered: Remembered | undefined,
): ChainVerdict {
  links.sort((a, b) => a.position - b.position)
  const [first] = links
  const last = links.at(-1)
  const faults = [
    findFirstFault(links),
    remembered && findRememberedFault(remembered, findHashAt(links, remembered.position)),
  ]
  return {
    projectId,
    range: first && last && { from: first.position, to: last.position },
    previousHash: first?.previousHash ?? '',
    hash: last?.hash ?? '',
    unchained,
    fault: faults.filter((fault) => fault !== undefined).sort((a, b) => a.position - b.position)[0],
  }
}

// The hash of the entry before the first one is known from the first.
function findHashAt(links: readonly Link[], position: number): string | undefined {
  const [first] = links
  if (first !== undefined && position === first.position - 1) return first.previousHash
  return links.find((link) => link.position === position)?.hash
}

function findFirstFault(links: readonly Link[]): ChainFault | undefined {
  const [first] = links
  if (first === undefined) return undefined
  // A part of a chain begins after something that is not there to be compared with.
  let end: ChainEnd = first.position === 1 ? emptyChain : { position: first.position - 1, hash: undefined }
  let last: Link | undefined
  for (const link of links) {
    const fault = link.position === last?.position ? findTwinFault(last, link) : findLinkFault(end, link)
    if (fault !== undefined) return fault
    if (link.fault !== undefined) return link.fault
    end = link
    last = link
  }
  return undefined
}

function findTwinFault(one: Link, other: Link): ChainFault | undefined {
  if (one.hash === other.hash && one.previousHash === other.previousHash) return undefined
  const { position } = one
  return { position, problem: `there are two entries at position ${position}` }
}
