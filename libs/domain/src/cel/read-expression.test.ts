import { parse, plan } from '@bufbuild/cel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expressionEnv } from './functions.ts'
import { readExpression } from './read-expression.ts'

/** The names and the steps that an expression rests on. */
function usesOf(text: string) {
  const read = readExpression(text)
  if (!read.ok) throw new Error(read.problems.join('; '))
  return { names: read.names.map(({ name }) => name), steps: read.steps.map(({ name }) => name) }
}

test.each([
  ['true', [], []],
  ['payload.x > 1 && steps.a.output.y == "z"', ['payload'], ['a']],
  ['steps["a"].status == \'failed\' || steps.b["output"][0] > 1', [], ['a', 'b']],
  ['has(steps.a.output) ? steps.a.output : payload', ['payload'], ['a']],
  ['.payload.x in [1, 2u, 3.5, b"x"]', ['payload'], []],
  ['payload.list.map(i, i.n + index).filter(n, n > item)', ['payload', 'index', 'item'], []],
  ['payload.all(steps, steps.x) && payload.exists(payload, payload == 1)', ['payload'], []],
  ['[1].exists_one(x, x == y) && {"k": v}["k"]', ['y', 'v'], []],
  ['type(payload.n) == int && size(payload.s) > 0 && payload.s.matches("^a+$")', ['payload'], []],
  ['payload.s.lowerAscii().split(",").join("-").format([1])', ['payload'], []],
  ['timestamp(payload.at).getFullYear("UTC") > duration("1h").getHours()', ['payload'], []],
  [
    '"((((((((((((((((((((((((((((((((((((((" == payload.x // (((((((((((((((((((((((((((((((((((((\n',
    ['payload'],
    [],
  ],
  ['-9223372036854775808 < 18446744073709551615u', [], []],
])('%s', (text, names, steps) => {
  expect(usesOf(text)).toEqual({ names, steps })
})

test.each([
  ['', ['must not be empty']],
  [' \n', ['must not be empty']],
  ['a\0', ['must not contain the NUL character']],
  [`"${'x'.repeat(2_047)}"`, ['must have at most 2048 characters']],
  ['1 +', ['is no CEL expression: unexpected "+" at character 3']],
  ['payload.x = 1', ['is no CEL expression: unexpected "=" at character 11']],
  ['"open', ['is no CEL expression: unexpected "\\"" at character 1']],
  ['[1, ', ['is no CEL expression: it ends too early']],
  ['a 😀', ['is no CEL expression: unexpected "😀" at character 3']],
  ['fetch(payload.url)', ['calls the unknown function fetch at character 1']],
  ['payload.constructor()', ['calls the unknown function constructor at character 8']],
  ['payload.size(1)', ['calls size behind a dot with 1 argument, which it does not know at character 8']],
  ['has(1)', ['calls has by itself with 1 argument, which it does not know at character 1']],
  ['steps', ['reads steps at character 1 other than as steps.<ref>.output or .status']],
  ['steps.a', ['reads steps at character 1 other than as steps.<ref>.output or .status']],
  ['steps.a.input', ['reads steps at character 1 other than as steps.<ref>.output or .status']],
  ['steps[payload.x].output', ['reads steps at character 1 other than as steps.<ref>.output or .status']],
  ['steps.all(s, true)', ['reads steps at character 1 other than as steps.<ref>.output or .status']],
  ['google.protobuf.Timestamp{}', ['makes a message; only maps and lists are known at character 1']],
  ['9223372036854775808', ['has a number that no integer of CEL holds at character 1']],
  ['18446744073709551616u', ['has a number that no integer of CEL holds at character 1']],
  [
    'a() + b()',
    ['calls the unknown function a at character 1', 'calls the unknown function b at character 7'],
  ],
  [`${'('.repeat(25)}1${')'.repeat(25)}`, ['must have at most 24 brackets inside each other']],
  [`payload${'.a'.repeat(200)}`, ['must have at most 200 operations inside each other']],
])('%j is refused', (text, problems) => {
  expect(readExpression(text)).toEqual({ ok: false, problems })
})

test('what is as deep and as long as may be is read', () => {
  expect(readExpression(`${'('.repeat(24)}1${')'.repeat(24)}`).ok).toBe(true)
  expect(readExpression(`payload${'.a'.repeat(199)}`).ok).toBe(true)
  expect(readExpression(`"${'x'.repeat(2_046)}"`).ok).toBe(true)
})

// Found by trying 375,000 texts made of repeated pieces: the parser goes over the same text once for each level of brackets, which is why
// brackets are counted first. Without that bound the same pieces take seconds; with it 20 ms at most where this was written.
test.each([
  ['brackets, then space', `${'['.repeat(24)}a${'\n'.repeat(2_015)}`],
  ['calls in calls', 'has(b"b"&&'.repeat(24).padEnd(2_048, ' ')],
  ['messages in messages', 'a{b:.'.repeat(24).padEnd(2_048, '\n')],
  ['signs and brackets', `${'(-['.repeat(12)}a${'//\n'.repeat(666)}`],
  ['brackets without an end', '(!'.repeat(1_024)],
  ['signs', '-'.repeat(2_047) + 1],
  ['conditions', `${'a?b:'.repeat(511)}c`],
  ['sums', `${'a+'.repeat(1_023)}a`],
  ['choices', `${'a||'.repeat(682)}a`],
  ['members', `a${'.a'.repeat(1_023)}`],
  ['macros', `${'[1].exists_one(x,'.repeat(24)}true${')'.repeat(24)}`],
  ['macros with two parts', `${'[1].map(x,x,'.repeat(24)}1${')'.repeat(24)}`],
  ['a list', `[${'1,'.repeat(1_022)}1]`],
  ['digits', '9'.repeat(2_048)],
  ['escapes', `"${'\\'.repeat(2_046)}"`],
])('%s hold nobody up', { timeout: 500 }, (_, text) => {
  expect(text.length).toBeGreaterThan(300)
  readExpression(text)
})

test('whatever the text, it is read or refused, and never throws', () => {
  const pieces = fc.constantFrom(
    ...'( ) [ ] { } a payload steps . ? : ! - + && " \' r" """ // \n \\ 1u 0x , in has( .map(x, 😀'.split(
      ' ',
    ),
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      const read = readExpression(parts.join(''))
      expect(read.ok || read.problems.length > 0).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('what is accepted can be planned with the functions that it was checked against', () => {
  for (const text of [
    'payload.list.map(i, i.n + 1).filter(n, n > payload.min).size() > 0',
    'has(steps.a.output) ? string(steps.a.output) : payload.s.lowerAscii().replace("a", "b")',
    'timestamp(payload.at).getFullYear("UTC") > 2000 && payload.s.matches("^a+$")',
  ]) {
    expect(readExpression(text)).toMatchObject({ ok: true })
    expect(typeof plan(expressionEnv, parse(text))).toBe('function')
  }
  const holds = plan(expressionEnv, parse('steps["a"].output.n > 1 && payload.tags.exists(t, t == "x")'))
  expect(holds({ payload: { tags: ['x'] }, steps: { a: { output: { n: 2 } } } } as never)).toBe(true)
})
