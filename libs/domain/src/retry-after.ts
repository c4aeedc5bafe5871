// The Retry-After header: seconds, or a date in any of HTTP's three spellings. Read by hand, because Date.parse
// accepts far more than HTTP allows and takes the third spelling for local time.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// Sun, 06 Nov 1994 08:49:37 GMT
const fixDate =
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/
// Sunday, 06-Nov-94 08:49:37 GMT
const oldDate =
  /^[A-Z][a-z]+, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d\d:\d\d:\d\d) GMT$/
// Sun Nov  6 08:49:37 1994
const asctime =
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[\d ]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/

/** Milliseconds the header asks to wait from now on, never negative; undefined if it is not a Retry-After. */
export function parseRetryAfter(headerValue: string, now: Date): number | undefined {
  const text = headerValue.trim()
  if (text.length > 64) return undefined
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER)
  const at = parseHttpDate(text, now)
  return at === undefined ? undefined : Math.max(0, at - now.getTime())
}

function parseHttpDate(text: string, now: Date): number | undefined {
  const found = (fixDate.exec(text) ?? oldDate.exec(text) ?? asctime.exec(text))?.groups
  if (!found?.year || !found.month || !found.day || !found.time) return undefined
  const month = months.indexOf(found.month)
  const [hour = 0, minute = 0, second = 0] = found.time.split(':').map(Number)
  const day = Number(found.day)
  if (month < 0 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined
  const year = found.year.length === 2 ? fullYear(Number(found.year), now) : Number(found.year)
  const midnight = new Date(0)
  midnight.setUTCFullYear(year, month, day)
  if (midnight.getUTCMonth() !== month) return undefined
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000
}

// Two digits mean the year that is at most fifty years ahead.
function fullYear(twoDigits: number, now: Date): number {
  const thisYear = now.getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}
