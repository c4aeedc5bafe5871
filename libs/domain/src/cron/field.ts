// One field of a cron expression: a comma-separated list of `*`, `?`, numbers, names and ranges, each with or
// without a step. `N/step` runs from N to the field's end.

export type FieldName = 'minute' | 'hour' | 'day_of_month' | 'month' | 'day_of_week'

export type Field = {
  /** The numbers the field stands for, ascending, each once. */
  readonly values: readonly number[]
  /** One of its items is `*` or `?` as a whole: only then is a day field unrestricted. `*` with a step is not. */
  readonly wildcard: boolean
  /** One of its items has a step. */
  readonly stepped: boolean
}

type Bounds = { readonly min: number; readonly max: number; readonly names: readonly string[] }
type Item = { readonly from: number; readonly to: number; readonly step: number; readonly star: boolean }

const bounds: Readonly<Record<FieldName, Bounds>> = {
  minute: { min: 0, max: 59, names: [] },
  hour: { min: 0, max: 23, names: [] },
  day_of_month: { min: 1, max: 31, names: [] },
  month: { min: 1, max: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  day_of_week: { min: 0, max: 6, names: 'sun mon tue wed thu fri sat'.split(' ') },
}

/** Reads a field; a string says what is wrong with it. */
export function parseField(name: FieldName, text: string): Field | string {
  const values = new Set<number>()
  let wildcard = false
  let stepped = false
  for (const itemText of text.split(',')) {
    const item = parseItem(itemText, bounds[name])
    if (typeof item === 'string') return item
    for (let value = item.from; value <= item.to; value += item.step) values.add(value)
    wildcard ||= item.star && item.step === 1
    stepped ||= itemText.includes('/')
  }
  return { values: [...values].sort((a, b) => a - b), wildcard, stepped }
}

function parseItem(text: string, { min, max, names }: Bounds): Item | string {
  if (text === '') return 'has an empty item in its list'
  const [range = '', stepText, ...moreSteps] = text.split('/')
  if (moreSteps.length > 0) return `has more than one step in ${quote(text)}`
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  if (step === undefined) return `has a step that is no number in ${quote(text)}`
  if (step === 0) return `has a step of 0 in ${quote(text)}`
  if (range === '*' || range === '?') return { from: min, to: max, step, star: true }

  const [first = '', last, ...moreEnds] = range.split('-')
  if (moreEnds.length > 0) return `has more than one hyphen in ${quote(text)}`
  const from = parseValue(first, min, names)
  const to = last === undefined ? (stepText === undefined ? from : max) : parseValue(last, min, names)
  if (from === undefined || to === undefined) return `does not understand ${quote(text)}`
  if (from < min || from > max || to > max) return `allows ${min} to ${max}, not ${quote(text)}`
  if (from > to) return `has a range that ends before it begins in ${quote(text)}`
  return { from, to, step, star: false }
}

function parseValue(text: string, min: number, names: readonly string[]): number | undefined {
  const named = names.indexOf(text.toLowerCase())
  return named < 0 ? parseNumber(text) : min + named
}

function parseNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function quote(text: string): string {
  return JSON.stringify(text)
}
