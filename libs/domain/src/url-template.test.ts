import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillUrl, readUrlTemplate } from './url-template.ts'

const values = new Map([
  ['A', 'one'],
  ['B', 'a/b?c#d e'],
  ['_x9', 'ü'],
  ['EMPTY', ''],
  ['DOTS', '..'],
  ['__proto__', 'proto'],
])

test.each([
  ['https://a.example.com/x', 'https://a.example.com/x', []],
  ['https://{{A}}.example.com/{{A}}', 'https://one.example.com/one', ['A']],
  ['https://a.example.com/{{B}}?q={{_x9}}', 'https://a.example.com/a%2Fb%3Fc%23d%20e?q=%C3%BC', ['B', '_x9']],
  ['https://a.example.com/{{EMPTY}}{{A}}', 'https://a.example.com/one', ['EMPTY', 'A']],
  ['https://a.example.com/{{__proto__}}', 'https://a.example.com/proto', ['__proto__']],
])('%s is filled in as %s', (text, url, used) => {
  expect(fillUrl(text, values)).toEqual({ ok: true, url, used })
})

test.each([
  ['https://a/{{MISSING}}/{{MISSING}}', '{{MISSING}} has no value'],
  ['https://a/{{MISSING}}/{{ALSO}}', '{{MISSING}} has no value; {{ALSO}} has no value'],
  ['https://a/{{constructor}}', '{{constructor}} has no value'],
  ['https://a/{{DOTS}}/b', '{{DOTS}} has a value that is a step in a path'],
])('%s is not filled in: %s', (text, reason) => {
  expect(fillUrl(text, values)).toEqual({ ok: false, reason })
})

test.each([
  'https://a/{{A}',
  'https://a/{A}}',
  'https://a/{A}',
  'https://a/{{ A }}',
  'https://a/{{}}',
  'https://a/{{9A}}',
  'https://a/{{A-B}}',
  'https://a/{{{A}}}',
  'https://a/{{A}}}}',
  'https://a/{{{{A}}}}',
  'https://a/}}{{',
  `https://a/{{${'A'.repeat(129)}}}`,
])('%s has braces that are no name', (text) => {
  expect(readUrlTemplate(text)).toBeUndefined()
  expect(fillUrl(text, values)).toEqual({ ok: false, reason: 'has braces that are no {{NAME}}' })
})

test('half a character fills nothing in', () => {
  expect(fillUrl('https://a/{{A}}', new Map([['A', '\ud800']]))).toMatchObject({ ok: false })
})

test('whatever a value is, it stays the part of the URL that its name stood in', () => {
  const text = 'https://a.example.com/before/{{V}}/after?q={{V}}'
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (value) => {
      const filled = fillUrl(text, new Map([['V', value]]))
      fc.pre(filled.ok)
      const url = new URL(filled.url)
      expect(url.origin).toBe('https://a.example.com')
      const [, before, inner, after, ...more] = url.pathname.split('/')
      expect([before, after, more]).toEqual(['before', 'after', []])
      expect(decodeURIComponent(inner ?? '')).toBe(value)
      expect(url.hash).toBe('')
      expect(decodeURIComponent(url.search.slice(3))).toBe(value)
    }),
    { seed: 20_260_102, numRuns: 500 },
  )
})
