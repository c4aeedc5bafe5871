import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Cron, parseCron } from './parse-cron.ts'

function accepted(expression: string): Cron {
  const parsed = parseCron(expression)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.cron
}

function refusedFields(expression: string): readonly string[] {
  const parsed = parseCron(expression)
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field)
}

describe('a field stands for', () => {
  test.each([
    ['7', [7]],
    ['007', [7]],
    ['1,3,5', [1, 3, 5]],
    ['5,1,5', [1, 5]],
    ['10-13', [10, 11, 12, 13]],
    ['9-9', [9]],
    ['0-59/20', [0, 20, 40]],
    ['10-30/7', [10, 17, 24]],
    ['50/5', [50, 55]],
    ['59/1', [59]],
    ['*/25', [0, 25, 50]],
    ['?/25', [0, 25, 50]],
    ['*/90', [0]],
    ['1-3,50/8,*/30', [0, 1, 2, 3, 30, 50, 58]],
  ])('minute %s: %j', (field, values) => {
    expect(accepted(`${field} * * * *`).minute.values).toEqual(values)
  })

  test('names of months and days, in any case, alone, in lists, ranges and before a step', () => {
    const cron = accepted('0 0 1 jan,MAR-May,Oct/2 sun,TUE-thu')
    expect(cron.month.values).toEqual([1, 3, 4, 5, 10, 12])
    expect(cron.dayOfWeek.values).toEqual([0, 2, 3, 4])
    expect(accepted('0 0 * * Mon/2').dayOfWeek.values).toEqual([1, 3, 5])
    expect(accepted('0 0 * * mon-5').dayOfWeek.values).toEqual([1, 2, 3, 4, 5])
  })

  test('all five, whatever white space is between and around them', () => {
    const cron = accepted('\t 1  2\t3 4\n5 ')
    const { minute, hour, dayOfMonth, month, dayOfWeek } = cron
    expect([minute, hour, dayOfMonth, month, dayOfWeek].map(({ values }) => values)).toEqual([
      [1],
      [2],
      [3],
      [4],
      [5],
    ])
  })
})

describe('days', () => {
  test.each([
    ['* * * * *', '* * *'],
    ['* * ? * ?', '* * *'],
    ['* * */1 * ?/1', '* * *'],
    ['* * 5,* * 1', '* * 1'],
    ['* * */15 * *', '1,16,31 * *'],
    ['* * 1-3 2,4 mon', '1,2,3 2,4 1'],
    ['* * 1 * 0-6', '1 * 0,1,2,3,4,5,6'],
    ['* * 1 * */2', '1 * 0,2,4,6'],
  ])('of %s are %s: only a wildcard without a step leaves a field unrestricted', (expression, days) => {
    expect(accepted(expression).days).toBe(days)
  })
})

describe('the hour is fixed', () => {
  test.each(['2', '1,2', '9-17', '0-23'])('when it is %s', (hour) => {
    expect(accepted(`0 ${hour} * * *`).fixedHour).toBe(true)
  })

  test.each(['*', '?', '*/2', '2/3', '1-5/2', '1,*', '1,2-8/3'])('but not when it is %s', (hour) => {
    expect(accepted(`0 ${hour} * * *`).fixedHour).toBe(false)
  })
})

describe('refused, with the field named', () => {
  test.each([
    // The expression as a whole.
    ['', ['expression']],
    ['   ', ['expression']],
    ['* * * *', ['expression']],
    ['0 * * * * *', ['expression']],
    ['0 0 12 1 1 ? 2026', ['expression']],
    ['@hourly', ['expression']],
    ['@every 5m', ['expression']],
    ['@ * * * *', ['expression']],
    ['TZ=UTC * * * * *', ['expression']],
    ['CRON_TZ=Asia/Tokyo * * * * *', ['expression']],
    ['*\u00a0* * * *', ['expression']],
    // Out of bounds.
    ['60 * * * *', ['minute']],
    ['* 24 * * *', ['hour']],
    ['* * 0 * *', ['day_of_month']],
    ['* * 32 * *', ['day_of_month']],
    ['* * * 0 *', ['month']],
    ['* * * 13 *', ['month']],
    ['* * * * 7', ['day_of_week']],
    ['* * * * 5-7', ['day_of_week']],
    ['0-60 * * * *', ['minute']],
    ['99999999999999999999 * * * *', ['minute']],
    // Ranges and steps.
    ['5-1 * * * *', ['minute']],
    ['* * * * fri-sun', ['day_of_week']],
    ['*/0 * * * *', ['minute']],
    ['5/0 * * * *', ['minute']],
    ['1-5/00 * * * *', ['minute']],
    ['*/x * * * *', ['minute']],
    ['*/ * * * *', ['minute']],
    ['/5 * * * *', ['minute']],
    ['*/5/5 * * * *', ['minute']],
    ['1-2-3 * * * *', ['minute']],
    ['1- * * * *', ['minute']],
    ['-1 * * * *', ['minute']],
    ['*-5 * * * *', ['minute']],
    ['5-* * * * *', ['minute']],
    ['** * * * *', ['minute']],
    ['1-5/-1 * * * *', ['minute']],
    // Empty items.
    [', * * * *', ['minute']],
    ['1, * * * *', ['minute']],
    [',1 * * * *', ['minute']],
    ['1,,2 * * * *', ['minute']],
    // Other languages.
    ['1.5 * * * *', ['minute']],
    ['+5 * * * *', ['minute']],
    ['0x5 * * * *', ['minute']],
    ['H * * * *', ['minute']],
    ['* * L * *', ['day_of_month']],
    ['* * 15W * *', ['day_of_month']],
    ['* * * * 5#2', ['day_of_week']],
    ['* * * * 5L', ['day_of_week']],
    ['* * * mon *', ['month']],
    ['* * * * jan', ['day_of_week']],
    ['* * * january *', ['month']],
    ['* * * * monday', ['day_of_week']],
    ['jan * * * *', ['minute']],
    ['٣ * * * *', ['minute']],
    // Days that never come.
    ['0 0 30 2 *', ['day_of_month']],
    ['0 0 31 2 ?', ['day_of_month']],
    ['0 0 30-31 feb *', ['day_of_month']],
    ['0 0 31 4,6,9,11 *', ['day_of_month']],
  ])('%j', (expression, fields) => {
    expect(refusedFields(expression)).toEqual(fields)
  })

  test('every wrong field is named at once', () => {
    expect(refusedFields('60 24 0 13 7')).toEqual(['minute', 'hour', 'day_of_month', 'month', 'day_of_week'])
  })

  test('the reason quotes what is wrong', () => {
    const parsed = parseCron('1,70,3 * * * *')
    expect(parsed).toEqual({ ok: false, problems: [{ field: 'minute', reason: 'allows 0 to 59, not "70"' }] })
  })

  test('at 257 characters, whatever they say', () => {
    const long = (length: number) => `${'1,'.repeat(100)}1 * * * *`.padEnd(length)
    expect(refusedFields(long(256))).toEqual([])
    expect(refusedFields(long(257))).toEqual(['expression'])
  })
})

describe('possible days', () => {
  test.each(['0 0 29 2 *', '0 0 31 1,2 *', '0 0 30 2 1', '0 0 30,1 2 *', '0 0 30 2 */2', '0 0 */30 2 *'])(
    '%s is accepted: some day fits',
    (expression) => {
      expect(refusedFields(expression)).toEqual([])
    },
  )
})

test('whatever the text, the answer is a parse or a list of problems', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.stringMatching(/^[0-9*?,/-]{1,6}$/),
    fc.constantFrom('*', 'mon', 'JAN'),
  )
  const text = fc.array(part, { maxLength: 7 }).map((parts) => parts.join(' '))
  fc.assert(
    fc.property(text, (expression) => {
      const parsed = parseCron(expression)
      if (parsed.ok) expect(parsed.cron.minute.values.length).toBeGreaterThan(0)
      else expect(parsed.problems.length).toBeGreaterThan(0)
    }),
    { seed: 1, numRuns: 1_000 },
  )
})
