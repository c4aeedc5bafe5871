import { checkSlug } from '@strait/domain/slug'
import { expect, test } from 'vitest'
import { numberedSlug } from './numbered-slug.ts'

test('the first keeps the slug, the next ones are numbered from 2', () => {
  expect([1, 2, 3].map((n) => numberedSlug('nightly-report', n))).toEqual([
    'nightly-report',
    'nightly-report-2',
    'nightly-report-3',
  ])
})

test('a slug at its bound is shortened so that it stays a slug', () => {
  const longest = `${'a'.repeat(124)}-bcd`
  for (const n of [2, 10, 100, 1_000]) {
    const slug = numberedSlug(longest, n)
    expect(checkSlug(slug)).toEqual({ ok: true })
    expect(slug).toMatch(new RegExp(`[a-d]-${n}$`))
  }
})
