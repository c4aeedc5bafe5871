// Time zones as stretches of constant offset, which is all that cron needs of them. Intl answers the offset of one
// instant in about 3 µs; a year of a zone is sampled once (0.5 ms) and its stretches are kept.
import { remember } from './remember.ts'

/** Instants from `start` to before `end` at which a zone's wall clock is UTC plus `offset`; all in milliseconds. */
export type Stretch = { readonly start: number; readonly end: number; readonly offset: number }

const DAY_MS = 86_400_000
// The closest two changes of one zone in the whole tz database are four days apart (Freetown in 1939), else a week.
const SAMPLE_MS = 2 * DAY_MS
const KEPT_YEARS = 8_192

// IANA's names of one word. Intl knows others, such as BST, IST or ACT, that mean different places to different people.
const oneWordNames = new Set(
  `cet cst6cdt cuba eet egypt eire est est5edt gb gb-eire gmt gmt+0 gmt-0 gmt0 greenwich hongkong hst iceland iran
  israel jamaica japan kwajalein libya met mst mst7mdt navajo nz nz-chat poland portugal prc pst8pdt roc rok
  singapore turkey uct universal utc w-su wet zulu`.split(/\s+/),
)

/** Says whether the text is the IANA name of a time zone; offsets such as +02:00 are none. */
export function isTimeZone(name: string): boolean {
  if (name.length > 64) return false
  const isArea = /^[A-Za-z]+\//.test(name) && !/^SystemV\//i.test(name)
  if (!isArea && !oneWordNames.has(name.toLowerCase())) return false
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/**
 * The stretch an instant lies in. A stretch also ends with each UTC year, where the next goes on with the same
 * offset: to a reader that only compares wall clocks, such an end is neither a gap nor an overlap.
 */
export function stretchAt(timeZone: string, instant: number): Stretch {
  const year = new Date(instant).getUTCFullYear()
  const found = stretchesOf(`${year} ${timeZone}`).find(({ end }) => instant < end)
  if (found === undefined) throw new RangeError(`not an instant: ${instant}`)
  return found
}

const stretchesOf = remember(KEPT_YEARS, (yearAndZone: string): readonly Stretch[] => {
  const space = yearAndZone.indexOf(' ')
  const year = Number(yearAndZone.slice(0, space))
  const offsetAt = offsetReader(yearAndZone.slice(space + 1))
  const end = yearStart(year + 1)
  const stretches: Stretch[] = []
  let start = yearStart(year)
  let offset = offsetAt(start)
  for (let seen = start; seen < end - 1_000; ) {
    const sample = Math.min(seen + SAMPLE_MS, end - 1_000)
    if (offsetAt(sample) === offset) {
      seen = sample
      continue
    }
    const change = firstOtherOffset(offsetAt, seen, sample, offset)
    stretches.push({ start, end: change, offset })
    start = change
    seen = change
    offset = offsetAt(change)
  }
  stretches.push({ start, end, offset })
  return stretches
})

// Offsets change on whole seconds: halving finds the first second behind which the offset is another.
function firstOtherOffset(
  offsetAt: (ms: number) => number,
  from: number,
  to: number,
  offset: number,
): number {
  let same = from
  let other = to
  while (other - same > 1_000) {
    const middle = same + Math.floor((other - same) / 2_000) * 1_000
    if (offsetAt(middle) === offset) same = middle
    else other = middle
  }
  return other
}

function offsetReader(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  return (ms) => {
    const found = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(ms))
    if (found === null) throw new Error(`no offset of ${timeZone}`)
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = found
    const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000
    return sign === '-' ? -size : size
  }
}

function yearStart(year: number): number {
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  return new Date(0).setUTCFullYear(year, 0, 1)
}
