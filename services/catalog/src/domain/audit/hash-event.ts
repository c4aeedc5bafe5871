// The hash of an entry, over a text that only this entry has: a JSON array without spaces, in which every value has its place and its
// quotes, so that no two entries share a text. docs/audit.md describes it for whoever computes it elsewhere; test/audit-vectors.jsonl
// holds examples. It never changes: another form would be another first word.

import { createHash } from 'node:crypto'
import type { HashedEvent } from './audit-event.ts'

const form = 'strait.audit.v1'

/** What the first entry of a chain holds in the place of the hash of the one before. */
export const hashBeforeFirst = '0'.repeat(64)

const hashShape = /^[0-9a-f]{64}$/

/** Says whether a text has the form of a hash. */
export function isHash(text: string): boolean {
  return hashShape.test(text)
}

/** The text that is hashed. */
export function hashedText(event: HashedEvent): string {
  return JSON.stringify([
    form,
    event.id,
    event.projectId,
    event.position,
    event.at,
    event.actor,
    event.action,
    event.resourceType,
    event.resourceId,
    event.before ?? null,
    event.after ?? null,
    event.previousHash,
  ])
}

/** SHA-256 of the text in UTF-8, as 64 hexadecimal digits. */
export function hashEvent(event: HashedEvent): string {
  return createHash('sha256').update(hashedText(event)).digest('hex')
}
