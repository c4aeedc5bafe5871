// The language of cron expressions: five fields with the meaning of robfig/cron v3, no descriptors, no time zone
// in front. What a schedule stores has passed here; nothing else in the system reads an expression.
import { type Field, type FieldName, parseField } from './field.ts'

export type Cron = {
  readonly minute: Field
  readonly hour: Field
  readonly dayOfMonth: Field
  readonly month: Field
  readonly dayOfWeek: Field
  /** The three day fields in plain numbers: equal for expressions that name the same days in the same way. */
  readonly days: string
  /** The hour has neither a wildcard nor a step: the expression means the clock on the wall, not real time. */
  readonly fixedHour: boolean
}

export type CronProblem = { readonly field: FieldName | 'expression'; readonly reason: string }

export type ParsedCron =
  | { readonly ok: true; readonly cron: Cron }
  | { readonly ok: false; readonly problems: readonly CronProblem[] }

const MOST_CHARACTERS = 256
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Reads a cron expression, or names every field that is wrong. */
export function parseCron(expression: string): ParsedCron {
  const texts = expression.split(/[ \t\n\r\f\v]+/).filter((text) => text !== '')
  const reason = wholeProblem(expression, texts)
  if (reason !== undefined) return { ok: false, problems: [{ field: 'expression', reason }] }

  const problems: CronProblem[] = []
  const read = (name: FieldName, text = '') => {
    const field = parseField(name, text)
    if (typeof field !== 'string') return field
    problems.push({ field: name, reason: field })
    return nothing
  }
  const minute = read('minute', texts[0])
  const hour = read('hour', texts[1])
  const dayOfMonth = read('day_of_month', texts[2])
  const month = read('month', texts[3])
  const dayOfWeek = read('day_of_week', texts[4])
  if (problems.length === 0 && !isPossible(dayOfMonth, month, dayOfWeek)) {
    problems.push({ field: 'day_of_month', reason: 'names a day that none of its months has' })
  }
  if (problems.length > 0) return { ok: false, problems }

  const days = [dayOfMonth, month, dayOfWeek].map(({ wildcard, values }) =>
    wildcard ? '*' : values.join(','),
  )
  const fixedHour = !hour.wildcard && !hour.stepped
  return { ok: true, cron: { minute, hour, dayOfMonth, month, dayOfWeek, days: days.join(' '), fixedHour } }
}

const nothing: Field = { values: [], wildcard: false, stepped: false }

function wholeProblem(expression: string, texts: readonly string[]): string | undefined {
  if (expression.length > MOST_CHARACTERS) return `must have at most ${MOST_CHARACTERS} characters`
  const first = texts[0] ?? ''
  if (first.startsWith('@')) return 'must be five fields; descriptors such as @hourly are not accepted'
  if (/^(?:CRON_)?TZ=/.test(first)) return 'must not begin with a time zone; it has a field of its own'
  if (texts.length === 5) return undefined
  return `must have five fields (minute, hour, day of month, month, day of week), not ${texts.length}`
}

// Two restricted day fields are either-or, and a day of week comes in every month: only a day of month that stands
// alone can ask for what no month has.
function isPossible(dayOfMonth: Field, month: Field, dayOfWeek: Field): boolean {
  if (!dayOfWeek.wildcard) return true
  const earliest = dayOfMonth.values[0] ?? 1
  return month.values.some((number) => earliest <= (longestMonths[number - 1] ?? 0))
}
