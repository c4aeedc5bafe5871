import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkSlug, SLUG_MAX_LENGTH, slugFromName, slugPattern } from './slug.ts'

describe('checkSlug', () => {
  test.each(['a', '0', 'daily-report', 'daily_report', 'a-b_c-1', 'x'.repeat(128), 'job-018f'])(
    'takes %j',
    (slug) => {
      expect(checkSlug(slug)).toEqual({ ok: true })
    },
  )

  test.each([
    ['', 'empty'],
    ['A', 'lowercase'],
    ['a b', 'lowercase'],
    ['-a', 'lowercase'],
    ['a-', 'lowercase'],
    ['a--b', 'lowercase'],
    ['a-_b', 'lowercase'],
    ['é', 'lowercase'],
    ['a\n', 'lowercase'],
    ['a/b', 'lowercase'],
    ['x'.repeat(129), 'at most 128'],
    ['018f3c2a-9d41-7c55-8a10-b2c3d4e5f607', 'UUID'],
    ['00000000-0000-0000-0000-000000000000', 'UUID'],
  ])('refuses %j and says why', (slug, word) => {
    expect(checkSlug(slug)).toEqual({ ok: false, reason: expect.stringContaining(word) })
  })

  test('a hostile text of any length is refused at once', { timeout: 200 }, () => {
    expect(checkSlug(`${'a-'.repeat(2_000_000)}!`).ok).toBe(false)
    expect(slugPattern.test(`${'a-'.repeat(500_000)}!`)).toBe(false)
  })
})

describe('slugFromName', () => {
  test.each([
    ['Daily Report', 'daily-report'],
    ['  Crème brûlée!! ', 'creme-brulee'],
    ['Straße nach Łódź', 'strasse-nach-lodz'],
    ['ÆØÅ', 'aeoa'],
    ['İstanbul ıhlamur', 'istanbul-ihlamur'],
    ['ｆｕｌｌ ｗｉｄｔｈ ①', 'full-width-1'],
    ['snake_case name', 'snake-case-name'],
    ['a/b\\c.d', 'a-b-c-d'],
    ['北京 报告', 'beijing-baogao'],
    ['日本語', 'ribenyu'],
    ['Привет мир', 'privet-mir'],
    ['Αθήνα', 'athina'],
    ['한국어', 'hangugeo'],
    ['हिन्दी', 'hindi'],
    ['E\u0301te\u0301', 'ete'],
    ['🎉 Feier 👍🏽 2', 'feier-2'],
    ['🎉👨‍👩‍👧🇩🇪3️⃣', '3'],
    ['🎉👨‍👩‍👧🇩🇪👍🏽', 'job-1'],
    ['!!!', 'job-1'],
    ['', 'job-1'],
    ['018F3C2A-9D41-7C55-8A10-B2C3D4E5F607', 'job-1'],
    [`${'x'.repeat(127)} y`, 'x'.repeat(127)],
  ])('%j becomes %j', (name, slug) => {
    expect(slugFromName(name, 'job-1')).toBe(slug)
  })

  test('whatever the name, the slug is a legal one', () => {
    // Any code units, halves of pairs among them.
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
    const anyText = fc.oneof(fc.string({ maxLength: 255 }), fc.string({ unit, maxLength: 255 }))
    const name = fc.oneof(anyText, fc.uuid())
    fc.assert(
      fc.property(name, (text) => {
        expect(checkSlug(slugFromName(text, 'job-1'))).toEqual({ ok: true })
      }),
      { seed: 1, numRuns: 150 },
    )
  })

  test('a name that grows when taken apart still gives a short slug', () => {
    expect(slugFromName('㎯'.repeat(255), 'job-1').length).toBeLessThanOrEqual(SLUG_MAX_LENGTH)
  })
})
