import { expect, test } from 'vitest'
import type { DueItem } from './due.ts'
import { splitItems } from './split-items.ts'

function items(count: number, payloadBytes: number): DueItem[] {
  return Array.from({ length: count }, (_, index) => ({
    runId: `run-${index}`,
    projectId: 'p',
    jobId: 'j',
    scheduleId: 's',
    nominalAt: new Date(0),
    payload: 'x'.repeat(payloadBytes),
  }))
}

test.each([
  ['nothing needs no message', 0, 2, []],
  ['a few go together', 3, 2, [3]],
  ['500 are one message', 500, 2, [500]],
  ['the 501st begins another', 501, 2, [500, 1]],
  ['512 KiB are the most of one message', 100, 16 * 1024, [31, 31, 31, 7]],
  ['one that is larger stands alone', 2, 600 * 1024, [1, 1]],
])('%s', (_, count, bytes, sizes) => {
  const given = items(count, bytes)
  const messages = splitItems(given)
  expect(messages.map((message) => message.length)).toEqual(sizes)
  expect(messages.flat()).toEqual(given)
})

test('bytes are counted, not characters', () => {
  const given = items(3, 0).map((item) => ({ ...item, payload: 'ß'.repeat(200 * 1024) }))
  expect(splitItems(given).map((message) => message.length)).toEqual([1, 1, 1])
})
