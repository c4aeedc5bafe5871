// Numbers as exact decimals: 1, 1.0, 10e-1 and 1e0 are one number; 9007199254740993 is not 9007199254740992.

const number = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?)(\d+))?$/
const shortInteger = /^(?:0|-?[1-9]\d*)$/
/** Beyond so many zeros a number is written with an exponent, so that 1e999999999 stays eleven characters. */
const MOST_ZEROS = 20
/** Exponents with more digits than a double holds exactly are kept as they are written. */
const MOST_EXPONENT_DIGITS = 15

/** The one spelling of a JSON number's exact value. */
export function canonicalNumber(source: string): string {
  if (source.length <= MOST_ZEROS && shortInteger.test(source)) return source
  const found = number.exec(source)
  if (found === null) throw new SyntaxError(`not a JSON number: ${source.slice(0, 64)}`)
  const [, sign = '', whole = '', fraction = '', exponentSign = '', exponentDigits = '0'] = found
  const withZeros = trimLeadingZeros(whole + fraction)
  const digits = trimTrailingZeros(withZeros)
  if (digits === '') return '0'
  // The value is 0.<digits> times ten to the power of `point`.
  const point = withZeros.length - fraction.length
  const written = trimLeadingZeros(exponentDigits)
  const exponentMinus = exponentSign === '-' ? '-' : ''
  if (written.length > MOST_EXPONENT_DIGITS)
    return `${sign}${placePoint(digits, point)}e${exponentMinus}${written}`
  return sign + placePoint(digits, point + Number(`${exponentMinus}${written || '0'}`))
}

function placePoint(digits: string, point: number): string {
  if (point > digits.length + MOST_ZEROS || point < -MOST_ZEROS) return `${digits}e${point - digits.length}`
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return digits + '0'.repeat(point - digits.length)
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

function trimLeadingZeros(digits: string): string {
  return digits.replace(/^0+/, '')
}

function trimTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}
