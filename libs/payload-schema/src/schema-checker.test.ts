import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createSchemaChecker, type SchemaChecker, type SchemaCheckerOptions } from './schema-checker.ts'

const checkers: SchemaChecker[] = []
function aChecker(options: SchemaCheckerOptions = {}): SchemaChecker {
  const checker = createSchemaChecker(options)
  checkers.push(checker)
  return checker
}
afterEach(async () => {
  for (const checker of checkers.splice(0)) await checker.stop()
})

const check = (checker: SchemaChecker, schema: unknown, value?: unknown) =>
  checker.check({
    schema: JSON.stringify(schema),
    value: typeof value === 'string' || value === undefined ? value : JSON.stringify(value),
  })

describe('a payload', () => {
  const shared = createSchemaChecker()
  afterAll(() => shared.stop())

  const fits = { ok: true }
  const unfit = (...problems: [path: string, message: string][]) => ({
    ok: false,
    reason: 'DOES_NOT_FIT',
    problems: problems.map(([path, message]) => ({ path, message: expect.stringContaining(message) })),
  })

  test.each<[string, unknown, unknown, object]>([
    ['fits', { type: 'object' }, {}, fits],
    ['has the wrong type', { type: 'object' }, [], unfit(['', 'must be object'])],
    ['misses a property', { required: ['a/b'] }, {}, unfit(['/a~1b', 'is required'])],
    [
      'misses one that all objects inherit',
      { required: ['toString'] },
      {},
      unfit(['/toString', 'is required']),
    ],
    ['has its own __proto__', { required: ['__proto__'] }, '{"__proto__":1}', fits],
    [
      'has one too many',
      { properties: { a: {} }, additionalProperties: false },
      { a: 1, b: 2 },
      unfit(['/b', 'not allowed']),
    ],
    [
      'has one that nothing evaluated',
      { unevaluatedProperties: false },
      { b: 2 },
      unfit(['/b', 'not allowed']),
    ],
    [
      'is not listed',
      { properties: { a: { enum: [1, 'x'] } } },
      { a: 2 },
      unfit(['/a', 'must be one of 1, "x"']),
    ],
    ['is another constant', { const: 1 }, 2, unfit(['', 'must be 1'])],
    ['is too small', { items: { minimum: 3 } }, [3, 2], unfit(['/1', 'must be >= 3'])],
    ['does not match', { pattern: '^\\u00e9+$' }, '"e"', unfit(['', 'must match pattern'])],
    ['does match', { pattern: '^\\u00e9+$' }, '"éé"', fits],
    [
      'matches one of two patterns only',
      { allOf: [{ pattern: '^a' }, { pattern: 'b$' }] },
      '"ac"',
      unfit(['', 'b$']),
    ],
    ['has no such format', { format: 'date-time' }, '"yesterday"', unfit(['', 'must match format'])],
    [
      'fits none of several',
      { oneOf: [{ type: 'string' }, { minimum: 2 }] },
      1,
      unfit(['', 'must be string'], ['', 'must be >= 2'], ['', 'exactly one']),
    ],
    [
      'breaks a rule behind a reference',
      { $ref: '#/$defs/a', $defs: { a: { type: 'string' } } },
      1,
      unfit(['', 'must be string']),
    ],
    [
      'breaks one deep inside itself',
      { properties: { c: { $ref: '#' }, n: { type: 'number' } } },
      { c: { c: { n: '' } } },
      unfit(['/c/c/n', 'must be number']),
    ],
    ['repeats itself', { uniqueItems: true, maxItems: 3 }, [1, 1], unfit(['', 'NOT have duplicate items'])],
    [
      'has a bad name',
      { propertyNames: { pattern: '^a' } },
      { b: 1 },
      unfit(['', 'must match'], ['/b', 'has a name']),
    ],
    [
      'fits by the older dialect',
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] },
      ['a'],
      fits,
    ],
    [
      'does not by it',
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] },
      [1],
      unfit(['/0', 'must be string']),
    ],
    ['is no JSON', {}, '{"a":01}', unfit(['', 'expects'])],
    ['may never fit', false, {}, unfit(['', 'is not allowed'])],
    ['is compared as a double', { const: 2 ** 53 }, '9007199254740993', fits],
  ])('that %s', async (_, schema, value, expected) => {
    expect(await check(shared, schema, value)).toEqual(expected)
  })
})

test('every place that does not fit is named, up to a hundred', async () => {
  const checker = aChecker()
  const some = await check(checker, { items: { type: 'string' } }, Array(7).fill(1))
  expect(some).toMatchObject({ problems: Array.from({ length: 7 }, (_, i) => ({ path: `/${i}` })) })
  const many = await check(checker, { items: { type: 'string' } }, Array(100_000).fill(1))
  expect('problems' in many && many.problems).toHaveLength(100)
})

test('a schema that breaks its dialect is refused by its place', async () => {
  const checker = aChecker()
  expect(await check(checker, { properties: { a: { type: 'strin' } } })).toMatchObject({
    ok: false,
    reason: 'BAD_SCHEMA',
    problems: [{ rule: 'schema', path: '/properties/a/type' }],
  })
  expect(await check(checker, { minLength: -1 })).toMatchObject({ problems: [{ path: '/minLength' }] })
  expect(await check(checker, { typ: 1 })).toMatchObject({ problems: [{ rule: 'keyword', path: '/typ' }] })
  expect(await check(checker, { $ref: '#' }, {})).toMatchObject({ problems: [{ rule: 'recursion' }] })
})

test('what one schema names means nothing to another', async () => {
  const checker = aChecker()
  const named = (type: string) => ({
    $id: 'https://example.com/a',
    $defs: { b: { $id: '/b', type } },
    $ref: '/b',
  })
  expect(await check(checker, named('string'), 1)).toMatchObject({ ok: false })
  expect(await check(checker, named('number'), 1)).toEqual({ ok: true })
})

describe('hostile questions', () => {
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`a${i}`, { allOf: Array(2).fill({ $ref: `#/$defs/a${i + 1}` }) }]),
  )
  const objects = JSON.stringify(Array.from({ length: 60_000 }, (_, i) => ({ i })))
  const wide = Array.from({ length: 1_900 }, (_, i) => [`p${i}`, { type: 'string', pattern: `^a{900}${i}` }])
  const large = `[${'1,'.repeat(500_000)}1]`

  test.each<[string, unknown, string]>([
    ['a schema that doubles with each step', { $ref: '#/$defs/a0', $defs: { ...doubling, a40: {} } }, '{}'],
    ['unique items of a huge list', { uniqueItems: true, maxItems: 1e9 }, objects],
    ['thousands of large patterns', { properties: Object.fromEntries(wide) }, '{}'],
    ['faults without number', { items: { anyOf: Array(50).fill({ type: 'string' }) } }, large],
    ['a pattern made to go back', { pattern: '^(a|aa|a*)*$' }, JSON.stringify(`${'a'.repeat(1_000_000)}!`)],
    ['a text that nests ten thousand deep', {}, '['.repeat(10_000)],
  ])('%s: is answered, costs the caller nothing, and the next is answered too', async (_, schema, value) => {
    const checker = aChecker({ timeoutMs: 1_000, heapMib: 64 })
    await check(checker, true)
    const text = JSON.stringify(schema)
    // What this thread computes meanwhile, whoever else uses the machine; no turn of its loop can be longer.
    const before = process.threadCpuUsage()
    const answer = await checker.check({ schema: text, value })
    const { user, system } = process.threadCpuUsage(before)
    expect(answer).toMatchObject({ ok: false })
    expect((user + system) / 1_000).toBeLessThan(50)
    expect(await check(checker, { type: 'string' }, '"fine"')).toEqual({ ok: true })
  })

  test('a question that takes more memory than it may ends with its thread, and the next is answered', async () => {
    const list = `[${'{},'.repeat(330_000)}{}]`
    const checker = aChecker({ timeoutMs: 60_000, heapMib: 16 })
    expect(await check(checker, {}, list)).toEqual({ ok: false, reason: 'TOO_COSTLY' })
    expect(await check(checker, { type: 'string' }, '"fine"')).toEqual({ ok: true })
    // With more of it, it is a question like any other.
    expect(await check(aChecker({ timeoutMs: 60_000 }), {}, list)).toEqual({ ok: true })
  })

  test('those behind a question that is too costly wait for the next thread and get their answers', async () => {
    const checker = aChecker({ timeoutMs: 1_000 })
    const hostile = check(checker, { $ref: '#/$defs/a0', $defs: { ...doubling, a40: {} } }, {})
    const behind = Array.from({ length: 20 }, (_, i) => check(checker, { const: i }, i))
    expect(await hostile).toEqual({ ok: false, reason: 'TOO_COSTLY' })
    expect(await Promise.all(behind)).toEqual(Array(20).fill({ ok: true }))
  })

  test('no more wait than may', async () => {
    const checker = aChecker({ maxWaiting: 2 })
    // One is at work, two wait.
    const asked = Array.from({ length: 4 }, () => check(checker, {}, {}))
    expect(await asked[3]).toEqual({ ok: false, reason: 'BUSY' })
    expect(await Promise.all(asked.slice(0, 3))).toEqual(Array(3).fill({ ok: true }))
  })
})

test('a thread that breaks is told of, and one whose memory is used up is not', async () => {
  const broken: unknown[] = []
  const checker = aChecker({ timeoutMs: 60_000, heapMib: 16, onBroken: (err) => broken.push(err) })
  await check(checker, {}, `[${'{},'.repeat(330_000)}{}]`)
  expect(broken).toEqual([])
  // Nobody who keeps to the types can ask so: it stands for a fault of ours.
  expect(await checker.check({ schema: 1 as never })).toMatchObject({ ok: false })
  expect(broken).toEqual([expect.any(TypeError)])
  expect(await check(checker, { type: 'string' }, '"fine"')).toEqual({ ok: true })
})

test('however many large schemas are asked about, few of them are kept', async () => {
  const checker = aChecker({ timeoutMs: 60_000, heapMib: 32 })
  const large = 'x'.repeat(200_000)
  for (let nth = 0; nth < 300; nth++)
    expect(await check(checker, { description: `${nth} ${large}` }, {}), `schema ${nth}`).toEqual({
      ok: true,
    })
})

test('stopping answers everybody, may be repeated, and starting again makes it work again', async () => {
  const checker = aChecker()
  const asked = [check(checker, {}, {}), check(checker, {}, {})]
  await Promise.all([checker.stop(), checker.stop()])
  expect(await Promise.all(asked)).toEqual(Array(2).fill({ ok: false, reason: 'BUSY' }))
  expect(await check(checker, {}, {})).toEqual({ ok: false, reason: 'BUSY' })
  await checker.start()
  expect(await check(checker, {}, {})).toEqual({ ok: true })
})
