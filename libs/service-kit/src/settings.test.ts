import { expect, test } from 'vitest'
import { custom, decimal, int, list, oneOf, readSettings, text } from './settings.ts'

const settings = {
  url: text('BAKER_URL', {
    doc: 'Where.',
    secret: true,
    check: (v) => (v === 'ok' ? undefined : 'must be ok'),
  }),
  oven: text('BAKER_OVEN', { fallback: 'left', doc: 'Which oven.' }),
  note: text('BAKER_NOTE', { optional: true, doc: 'A note.' }),
  loaves: int('BAKER_LOAVES', { fallback: 10, min: 1, max: 100, doc: 'How many.' }),
  salt: decimal('BAKER_SALT', { fallback: 0.2, min: 0, max: 1, doc: 'How much.' }),
  crust: oneOf('BAKER_CRUST', { fallback: 'dark', words: ['dark', 'light'], doc: 'Which crust.' }),
  seeds: list('BAKER_SEEDS', { fallback: [], doc: 'Which seeds.' }),
  pair: custom('BAKER_PAIR', {
    fallback: [0, 0],
    bounds: 'two numbers',
    doc: 'A pair.',
    read: (v) => (v.includes(':') ? v.split(':').map(Number) : { problem: 'must be like 1:2' }),
  }),
}
const read = (env: Record<string, string | undefined>) => readSettings(settings, env, 'BAKER')
const problems = (env: Record<string, string | undefined>) => {
  const result = read({ BAKER_URL: 'ok', ...env })
  return result.ok ? [] : result.problems
}

test('what is not set takes its default, and an empty text counts as not set', () => {
  expect(read({ BAKER_URL: 'ok', BAKER_OVEN: '', BAKER_LOAVES: undefined })).toEqual({
    ok: true,
    values: {
      url: 'ok',
      oven: 'left',
      note: undefined,
      loaves: 10,
      salt: 0.2,
      crust: 'dark',
      seeds: [],
      pair: [0, 0],
    },
  })
})

test('what is set is read, and the result cannot be changed', () => {
  const result = read({
    BAKER_URL: 'ok',
    BAKER_NOTE: 'two',
    BAKER_LOAVES: '100',
    BAKER_SALT: '0.5',
    BAKER_CRUST: 'light',
    BAKER_SEEDS: ' sesame, ,poppy ',
    BAKER_PAIR: '1:2',
    OTHER_THING: 'not ours',
  })
  if (!result.ok) throw new Error(result.problems.join())
  const { note, loaves, salt, crust, seeds, pair } = result.values
  expect({ note, loaves, salt, crust, seeds, pair }).toEqual({
    note: 'two',
    loaves: 100,
    salt: 0.5,
    crust: 'light',
    seeds: ['sesame', 'poppy'],
    pair: [1, 2],
  })
  expect(Object.isFrozen(result.values)).toBe(true)
})

test('everything that is wrong is said at once', () => {
  const result = read({
    BAKER_LOAVES: '0',
    BAKER_SALT: 'some',
    BAKER_CRUST: 'none',
    BAKER_PAIR: '1',
    BAKER_X: '1',
  })
  expect(result).toEqual({
    ok: false,
    problems: [
      'BAKER_URL is required: Where.',
      'BAKER_LOAVES must be a whole number from 1 to 100, not "0"',
      'BAKER_SALT must be a number from 0 to 1, not "some"',
      'BAKER_CRUST must be one of dark, light, not "none"',
      'BAKER_PAIR must be like 1:2, not "1"',
      'BAKER_X is not a setting of this service',
    ],
  })
})

test.each(['101', '-1', '1.5', '1e1', '0x10', ' 7', 'NaN', '99999999999999999999'])(
  'a whole number may not be %j',
  (given) => {
    expect(problems({ BAKER_LOAVES: given })).toHaveLength(1)
  },
)

test.each(['1.1', '-0.1', '0x1', 'Infinity', '.5', '1e-1', '0.5 '])('a number may not be %j', (given) => {
  expect(problems({ BAKER_SALT: given })).toHaveLength(1)
})

test('a misspelt name of the service is a problem, with the name that was meant', () => {
  expect(problems({ BAKER_LOAFS: '3' })).toEqual([
    'BAKER_LOAFS is not a setting of this service; did you mean BAKER_LOAVES?',
  ])
  expect(problems({ BAKER_COMPLETELY_ELSE: '3' })).toEqual([
    'BAKER_COMPLETELY_ELSE is not a setting of this service',
  ])
})

test('a secret that is wrong is not shown, and a long text only in part', () => {
  expect(problems({ BAKER_URL: 'hunter2' })).toEqual(['BAKER_URL must be ok'])
  expect(problems({ BAKER_PAIR: 'x'.repeat(5_000) })[0]!.length).toBeLessThan(200)
})
