import { expect, test } from 'vitest'
import { lintSchema, MAX_SCHEMA_BYTES, MAX_SCHEMA_NODES } from './lint-schema.ts'

const draft07 = 'http://json-schema.org/draft-07/schema#'

function problemsOf(schema: unknown): string[] {
  const linted = lintSchema(typeof schema === 'string' ? schema : JSON.stringify(schema))
  return linted.ok ? [] : linted.problems.map(({ rule, path }) => `${rule} ${path}`)
}

const nested = (levels: number): string => `${'{"not":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`
const many = (count: number) => ({ anyOf: Array(count - 1).fill({}) })
const padded = (bytes: number) => JSON.stringify({ title: 'x'.repeat(bytes - '{"title":""}'.length) })

test.each<[string, unknown]>([
  ['true', true],
  ['the empty schema', {}],
  ['its dialect by name', { $schema: 'https://json-schema.org/draft/2020-12/schema' }],
  [
    'the older dialect',
    { $schema: draft07, items: [{ type: 'string' }], additionalItems: false, definitions: {} },
  ],
  ['as many bytes as allowed', padded(MAX_SCHEMA_BYTES)],
  ['as many levels as allowed', nested(64)],
  ['as many schemas as allowed', many(MAX_SCHEMA_NODES)],
  ['words of its own', { 'x-label': { pattern: '(?=a)' }, properties: { a: { 'x-ui': 1 } } }],
  [
    'data that looks like a schema',
    { const: { pattern: '(?=a)' }, default: { typ: 1 }, enum: [{ $ref: 'http://a' }] },
  ],
  ['properties named like keywords', { properties: { pattern: { type: 'string' }, typ: {}, $ref: {} } }],
  ['a reference to itself', { properties: { child: { $ref: '#' } } }],
  ['a reference to a definition', { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': {} } }],
  ['a reference to any schema in it', { $ref: '#/allOf/1/items', allOf: [{}, { items: {} }] }],
  ['a reference to an anchor', { $ref: '#there', $defs: { a: { $anchor: 'there' } } }],
  ['a dynamic reference', { $dynamicRef: '#there', $defs: { a: { $dynamicAnchor: 'there' } } }],
  [
    'an anchor of the older dialect',
    { $schema: draft07, $ref: '#there', definitions: { a: { $id: '#there' } } },
  ],
  ['a name of its own', { $id: 'https://example.com/order', $ref: '#/$defs/a', $defs: { a: {} } }],
  ['a reference by its own name', { $id: 'https://example.com/order', not: { $ref: 'order#' } }],
  [
    'a part with a name',
    { $id: 'https://a.example/x', $ref: '/y', $defs: { a: { $id: '/y', $defs: { b: {} } } } },
  ],
  [
    'a place inside such a part',
    { $id: 'https://a.example/x', $ref: '/y#/$defs/b', $defs: { a: { $id: '/y', $defs: { b: {} } } } },
  ],
  [
    'patterns',
    { pattern: '^(?:[a-z]{1,8}|\\d+)(?<n>x)?\\u00e9\\p{L}\\/$', patternProperties: { '^x-': {} } },
  ],
  ['what only looks like looking around', { pattern: '[(?=a)]\\(?=\\\\1' }],
  ['unique items of a bounded list', { uniqueItems: true, maxItems: 10 }],
  ['items that need not be unique', { uniqueItems: false }],
  ['a format', { format: 'date-time' }],
])('takes %s', (_, schema) => {
  expect(problemsOf(schema)).toEqual([])
})

test.each<[string, unknown, string[]]>([
  ['what is no JSON', '{"a":', ['json /a']],
  ['the same key twice', '{"properties":{"a":{},"a":{}}}', ['duplicate key /properties/a']],
  ['a list', [], ['type ']],
  ['a text', '"object"', ['type ']],
  ['null', null, ['type ']],
  ['one byte too many', padded(MAX_SCHEMA_BYTES + 1), ['size ']],
  ['one level too many', nested(65), [`depth ${'/not'.repeat(64)}`]],
  ['ten thousand levels', nested(10_000), [`depth ${'/not'.repeat(64)}`]],
  ['one schema too many', many(MAX_SCHEMA_NODES + 1), ['nodes ']],
  ['another dialect', { $schema: 'http://json-schema.org/draft-04/schema#' }, ['$schema /$schema']],
  ['a dialect that is none', { $schema: 7 }, ['$schema /$schema']],
  ['a dialect inside', { not: { $schema: draft07 } }, ['$schema /not/$schema']],
  ['a slip of the pen', { properties: { a: { typ: 'string' } } }, ['keyword /properties/a/typ']],
  ['a keyword of the other dialect', { $schema: draft07, prefixItems: [] }, ['keyword /prefixItems']],
  ['a keyword of ajv', { $async: true }, ['keyword /$async']],
  ['an own word that cannot be passed over', { 'x-ü': 1 }, ['keyword /x-ü']],
  ['a property that is no property', '{"properties":{"__proto__":{}}}', ['name /properties/__proto__']],
  ['a remote reference', { $ref: 'https://example.com/a' }, ['remote reference /$ref']],
  ['a relative one', { items: { $ref: 'other.json#/a' } }, ['remote reference /items/$ref']],
  ['a file', { $ref: 'file:///etc/passwd' }, ['remote reference /$ref']],
  ['the meta-schema', { $ref: 'https://json-schema.org/draft/2020-12/schema' }, ['remote reference /$ref']],
  ['a remote dynamic reference', { $dynamicRef: 'http://a/b#c' }, ['remote reference /$dynamicRef']],
  [
    'a name that moves references away',
    { $id: 'https://a.example/', not: { $ref: '//b.example/' } },
    ['remote reference /not/$ref'],
  ],
  ['a reference to nothing', { $ref: '#/$defs/a' }, ['dangling reference /$ref']],
  [
    'a reference into data',
    { $ref: '#/default', default: { pattern: '(?=a)' } },
    ['dangling reference /$ref'],
  ],
  ['a reference into own words', { $ref: '#/x-a', 'x-a': {} }, ['dangling reference /$ref']],
  ['a reference that is badly encoded', { $ref: '#/%zz' }, ['dangling reference /$ref']],
  ['a name that is no URI', { $id: 'http://[' }, ['id /$id']],
  ['looking ahead', { pattern: 'a(?=b)' }, ['lookaround /pattern']],
  ['not ahead', { pattern: 'a(?!b)' }, ['lookaround /pattern']],
  ['behind', { patternProperties: { '(?<=a)b': {} } }, ['lookaround /patternProperties/(?<=a)b']],
  ['not behind', { items: { pattern: '(?<!a)b' } }, ['lookaround /items/pattern']],
  ['a backreference', { pattern: '(a)\\1' }, ['backreference /pattern']],
  ['one by name', { pattern: '(?<n>a)\\k<n>' }, ['backreference /pattern']],
  ['a pattern that is none', { pattern: '(' }, ['pattern /pattern']],
  ['a pattern of RE2 alone', { pattern: '(?P<n>a)' }, ['pattern /pattern']],
  ['a pattern that RE2 does not take', { pattern: 'a{1001}' }, ['pattern /pattern']],
  ['a pattern that is too long', { pattern: 'a'.repeat(4_097) }, ['pattern /pattern']],
  ['unique items of any list', { uniqueItems: true }, ['uniqueItems /uniqueItems']],
  ['a format that nobody checks', { format: 'iban' }, ['format /format']],
  ['a format that every object has', { format: 'constructor' }, ['format /format']],
  [
    'all of it at once',
    { typ: 1, not: { uniqueItems: true, pattern: '(?=a)' }, $ref: 'http://a' },
    ['keyword /typ', 'uniqueItems /not/uniqueItems', 'lookaround /not/pattern', 'remote reference /$ref'],
  ],
])('refuses %s, and names rule and place', (_, schema, expected) => {
  expect(problemsOf(schema)).toEqual(expected)
})
