// Rules of plain text. Lengths are counted in characters as people see them written, code points, not in the units of a
// string in memory: an emoji is one.

/** Counts code points, and stops counting once there are more than `enough`. */
export function countCharacters(text: string, enough: number): number {
  if (text.length <= enough) return text.length - surrogatePairs(text)
  // Each character takes at most two units, so this many units are too many whatever they are.
  if (text.length > enough * 2) return enough + 1
  return text.length - surrogatePairs(text)
}

/** Says what is wrong with a text that shall have `min` to `max` characters, or nothing. */
export function textProblem(text: string, min: number, max: number): string | undefined {
  if (min > 0 && text === '') return 'must not be empty'
  if (countCharacters(text, max) > max) return `must have at most ${max} characters`
  // Postgres keeps no such character, and no reader expects one.
  if (text.includes('\0')) return 'must not contain the NUL character'
  return undefined
}

/** A text short enough for an error. */
export function quoteShort(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}

function surrogatePairs(text: string): number {
  let pairs = 0
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) pairs++
  return pairs
}
