import { expect, test } from 'vitest'
import type { Problem } from '../jobs/job-input.ts'
import { type AuditFilterInput, readAuditFilter } from './check-list-audit.ts'

function read(input: AuditFilterInput) {
  const problems: Problem[] = []
  return { filter: readAuditFilter(input, problems), fields: problems.map(({ field }) => field) }
}

const at = (ms: number, nanos = 0) => ({
  seconds: BigInt(Math.floor(ms / 1_000)),
  nanos: (ms % 1_000) * 1_000_000 + nanos,
})

test('without a filter nothing is asked for', () => {
  const { filter, fields } = read({})
  expect(fields).toEqual([])
  expect(Object.values(filter).every((value) => value === undefined)).toBe(true)
})

test('every fault is named at once', () => {
  const broken = { seconds: 2n ** 60n, nanos: 0 }
  expect(
    read({
      actor: '',
      action: '\0',
      resourceType: 'x'.repeat(256),
      resourceId: '',
      from: broken,
      until: broken,
    }).fields,
  ).toEqual(['actor', 'action', 'resource_type', 'resource_id', 'from', 'until'])
  expect(read({ from: at(2_000), until: at(1_999) }).fields).toEqual(['until'])
  expect(read({ from: at(2_000), until: at(2_000) }).fields).toEqual([])
})

test('a filter of 255 characters is one', () => {
  const most = '😀'.repeat(255)
  expect(read({ actor: most, action: most, resourceType: most, resourceId: most }).fields).toEqual([])
})

test('a bound inside a millisecond leaves the entries of that millisecond before it', () => {
  expect(read({ from: at(1_500) }).filter.from).toEqual(new Date(1_500))
  expect(read({ from: at(1_500, 1) }).filter.from).toEqual(new Date(1_501))
  expect(read({ until: at(1_500, 999_999) }).filter.until).toEqual(new Date(1_501))
})
