import { expect, test } from 'vitest'
import { decideSecret, nextSecretRevision } from './change-secret.ts'

test.each([
  [undefined, undefined, { to: 'keep' }, 4],
  ['a', 'a', { to: 'keep' }, 4],
  ['a', 'b', { to: 'replace', secret: 'b' }, 5],
  [undefined, 'b', { to: 'replace', secret: 'b' }, 5],
  ['a', undefined, { to: 'clear' }, 5],
] as const)('%j present and %j wanted: %j', (present, wanted, change, revision) => {
  const decided = decideSecret(present, wanted)
  expect(decided).toEqual(change)
  expect(nextSecretRevision(4, decided)).toBe(revision)
})
