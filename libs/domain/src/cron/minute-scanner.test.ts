// The slow and obvious way to find occurrences: look at every minute, ask Intl what the clock on the wall shows,
// and compare. It shares no code with what it checks: it has a parser, a rule of days and a rule of DST of its own.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DstPolicies, nextOccurrence, occurrencesBetween } from '../cron.ts'

type Shown = { readonly instant: number; readonly civil: number }

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const transitions: readonly (readonly [zone: string, around: string, what: string])[] = [
  ['America/New_York', '2026-03-08T07:00:00Z', 'one hour forward at 02:00'],
  ['America/New_York', '2026-11-01T06:00:00Z', 'one hour back at 02:00'],
  ['Europe/London', '2026-03-29T01:00:00Z', 'one hour forward at 01:00'],
  ['Europe/London', '2026-10-25T01:00:00Z', 'one hour back at 02:00'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', 'half an hour forward at 02:00'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', 'half an hour back at 02:00'],
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z', 'one hour forward at midnight'],
  ['America/Sao_Paulo', '2018-02-18T02:00:00Z', 'one hour back at midnight'],
  ['Asia/Kolkata', '2026-03-29T01:00:00Z', 'no change, and an offset of a half hour'],
  ['Pacific/Kiritimati', '2027-01-01T00:00:00Z', 'no change, at the end of a year'],
  ['Pacific/Kiritimati', '1994-12-31T10:40:00Z', 'a whole day skipped'],
  ['Antarctica/Troll', '2026-03-29T01:00:00Z', 'two hours forward at 01:00'],
  ['Antarctica/Troll', '2026-10-25T01:00:00Z', 'two hours back at 03:00'],
]

// Every minute from 12 hours before to 30 hours after, with what the wall shows.
function watchTheWall(zone: string, around: string): readonly Shown[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  const start = Date.parse(around) - 12 * HOUR
  return Array.from({ length: 42 * 60 }, (_, minute) => {
    const instant = start + minute * MINUTE
    return { instant, civil: Date.parse(`${format.format(instant).replace(' ', 'T')}Z`) }
  })
}

function scan(wall: readonly Shown[], expression: string, { dstGap, dstOverlap }: DstPolicies): number[] {
  const isFixed = !/[*?/]/.test(expression.split(' ')[1] ?? '')
  const isNamed = readExpression(expression)
  const found = new Set<number>()
  const seen = new Set<number>()
  let latest = wall[0]?.civil ?? 0
  for (const { instant, civil } of wall) {
    for (let missing = latest + MINUTE; missing < civil; missing += MINUTE) {
      if (isFixed && dstGap === 'shift' && isNamed(missing)) found.add(instant)
    }
    if (isNamed(civil) && !(isFixed && dstOverlap === 'first' && seen.has(civil))) found.add(instant)
    seen.add(civil)
    latest = Math.max(latest, civil)
  }
  return [...found]
}

function readExpression(expression: string): (civil: number) => boolean {
  const [minute = '', hour = '', dom = '', month = '', dow = ''] = expression.split(' ')
  const minutes = valuesOf(minute, 0, 59)
  const hours = valuesOf(hour, 0, 23)
  const doms = valuesOf(dom, 1, 31)
  const months = valuesOf(month, 1, 12)
  const dows = valuesOf(dow, 0, 6)
  const anyDay = [dom, dow].some((field) => field.split(',').some((item) => /^[*?](\/1)?$/.test(item)))
  return (civil) => {
    const wall = new Date(civil)
    const domFits = doms.has(wall.getUTCDate())
    const dowFits = dows.has(wall.getUTCDay())
    const dayFits = anyDay ? domFits && dowFits : domFits || dowFits
    const timeFits = minutes.has(wall.getUTCMinutes()) && hours.has(wall.getUTCHours())
    return timeFits && dayFits && months.has(wall.getUTCMonth() + 1)
  }
}

function valuesOf(field: string, min: number, max: number): ReadonlySet<number> {
  const all = Array.from({ length: max - min + 1 }, (_, index) => min + index)
  return new Set(all.filter((value) => fits(field, value, min, max)))
}

function fits(field: string, value: number, min: number, max: number): boolean {
  return field.split(',').some((item) => {
    const [range = '', step] = item.split('/')
    const [low, high] = /^[*?]$/.test(range) ? [min, max] : range.split('-').map(Number)
    const from = low ?? min
    const to = high ?? (step === undefined ? from : max)
    return value >= from && value <= to && (value - from) % Number(step ?? 1) === 0
  })
}

// Hours near the changes come up often, so that most expressions have something to do with them.
function aField(min: number, max: number, likely: readonly number[] = []): fc.Arbitrary<string> {
  const value = fc.oneof(fc.constantFrom(...likely, min), fc.integer({ min, max }))
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  const step = fc.integer({ min: 1, max: 40 })
  const item = fc.oneof(
    { weight: 4, arbitrary: value.map(String) },
    { weight: 2, arbitrary: range },
    { weight: 1, arbitrary: fc.tuple(range, step).map(([text, n]) => `${text}/${n}`) },
    { weight: 1, arbitrary: fc.tuple(value, step).map(([from, n]) => `${from}/${n}`) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('*', '?'), step).map(([star, n]) => `${star}/${n}`) },
  )
  const list = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','))
  return fc.oneof({ weight: 1, arbitrary: fc.constantFrom('*', '?') }, { weight: 2, arbitrary: list })
}

const anExpression = fc
  .tuple(
    aField(0, 59, [0, 15, 29, 30, 31, 45, 59]),
    aField(0, 23, [0, 1, 2, 3]),
    fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, { weight: 1, arbitrary: aField(1, 31) }),
    fc.oneof({ weight: 5, arbitrary: fc.constant('*') }, { weight: 1, arbitrary: aField(1, 12) }),
    fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, { weight: 1, arbitrary: aField(0, 6) }),
  )
  .map((fields) => fields.join(' '))

const policies = fc.record({
  dstGap: fc.constantFrom<DstPolicies['dstGap']>('skip', 'shift'),
  dstOverlap: fc.constantFrom<DstPolicies['dstOverlap']>('first', 'both'),
})

describe('occurrences are those a scan of every minute finds', () => {
  test.each(transitions)('%s around %s: %s', (zone, around) => {
    const wall = watchTheWall(zone, around)
    const [first, last] = [wall[0]!.instant, wall.at(-1)!.instant]
    // The scan knows nothing of what was shown before it began, so occurrences count after some hours of watching.
    const from = first + 6 * HOUR
    fc.assert(
      fc.property(anExpression, policies, (expression, policy) => {
        const expected = scan(wall, expression, policy).filter((instant) => instant > from)
        const found = occurrencesBetween(expression, zone, new Date(from), new Date(last), 5_000, policy)
        expect(found.map(Number)).toEqual(expected)
      }),
      { seed: 4, numRuns: 25 },
    )
  })

  test('from any second on, the next occurrence is the next one of the scan', () => {
    const wall = watchTheWall('America/New_York', '2026-11-01T06:00:00Z')
    const first = wall[0]!.instant
    const second = fc.integer({ min: 6 * 3_600, max: 20 * 3_600 })
    fc.assert(
      fc.property(anExpression, policies, second, (expression, policy, afterSecs) => {
        const after = first + afterSecs * 1_000
        const expected = scan(wall, expression, policy).find((instant) => instant > after)
        const found = nextOccurrence(expression, 'America/New_York', new Date(after), policy)
        if (expected === undefined)
          expect(found === null || found.getTime() > wall.at(-1)!.instant).toBe(true)
        else expect(found?.getTime()).toBe(expected)
      }),
      { seed: 5, numRuns: 60 },
    )
  })
})
