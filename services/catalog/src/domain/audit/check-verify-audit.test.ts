import { expect, test } from 'vitest'
import { emptyChain } from './chain.ts'
import { readVerifyInput } from './check-verify-audit.ts'

const hash = 'a'.repeat(64)

test('nothing given is the whole chain', () => {
  for (const fromPosition of [0n, 1n])
    expect(readVerifyInput({ fromPosition, previousHash: '' })).toEqual({
      ok: true,
      end: emptyChain,
      remembered: undefined,
    })
})

test('a later place is compared with the hash that was given, and with none otherwise', () => {
  expect(readVerifyInput({ fromPosition: 5n, previousHash: hash })).toEqual({
    ok: true,
    end: { position: 4, hash },
    remembered: { position: 4, hash },
  })
  expect(readVerifyInput({ fromPosition: 5n, previousHash: '' })).toEqual({
    ok: true,
    end: { position: 4, hash: undefined },
    remembered: undefined,
  })
})

test.each([
  [-1n, '', ['from_position']],
  [2n ** 53n, 'x', ['from_position', 'previous_hash']],
  [2n, hash.toUpperCase(), ['previous_hash']],
  [1n, hash, ['previous_hash']],
])('from %s with "%s" is refused', (fromPosition, previousHash, fields) => {
  const read = readVerifyInput({ fromPosition, previousHash })
  expect(read.ok ? [] : read.problems.map(({ field }) => field)).toEqual(fields)
})
