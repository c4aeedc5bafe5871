import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AuditEvent } from './audit-event.ts'
import { hashEvent, hashedText, isHash } from './hash-event.ts'
import { readExport } from './read-export.ts'

// Made by another program, in another language, from docs/audit.md.
const vectors = readFileSync(new URL('../../../test/audit-vectors.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => ({ event: readExport(line)[0] as AuditEvent, text: JSON.parse(line).hashed_text as string }))

test('there are examples of every kind', () => {
  expect(vectors).toHaveLength(4)
  expect(vectors.map(({ event }) => event.before === undefined)).toEqual([true, true, false, false])
  expect(vectors.map(({ event }) => event.after === undefined)).toEqual([false, false, false, true])
})

test.each(vectors)('the text and the hash of $event.action are those of the example', ({ event, text }) => {
  expect(hashedText(event)).toBe(text)
  expect(hashEvent(event)).toBe(event.hash)
})

test('whatever differs, the hash differs', () => {
  const [, { event } = { event: {} as AuditEvent }] = vectors
  const others: Partial<AuditEvent>[] = [
    { id: event.projectId },
    { projectId: event.id },
    { position: 3 },
    { at: '2026-11-24T08:00:01.235Z' },
    { actor: 'system:bootstrap' },
    { action: 'job.updated' },
    { resourceType: 'jo' },
    { resourceId: 'x' },
    { before: 'null' },
    { after: undefined },
    { after: '' },
    { after: `${event.after} ` },
    { previousHash: '1'.repeat(64) },
    // What moves from one value into the next.
    { actor: 'a","b', action: 'c' },
    { actor: 'a', action: 'b","c' },
  ]
  const hashes = [event, ...others.map((other) => ({ ...event, ...other }))].map(hashEvent)
  expect(new Set(hashes).size).toBe(others.length + 1)
})

test('a hash is 64 hexadecimal digits in lower case', () => {
  for (const text of ['0'.repeat(64), 'abcdef0123456789'.repeat(4)]) expect(isHash(text)).toBe(true)
  for (const text of ['', '0'.repeat(63), '0'.repeat(65), 'A'.repeat(64), `${'0'.repeat(64)}\n`])
    expect(isHash(text)).toBe(false)
})
