// The strings of a JSON text that was found to be one, with the place of each, in one pass and without building values. Depth costs no
// stack here: the way to the present value is a list.
import { endOfString, unquote } from './scan-string.ts'

/** A string of a text. */
export interface FoundString {
  /** Where its opening quote is, and the place behind its closing one. */
  readonly start: number
  readonly end: number
  readonly isKey: boolean
  /** What it says. */
  readonly value: () => string
  /** Where it stands, as a JSON pointer, short enough for an error; of a key, that of its member. */
  readonly path: () => string
}

/** A container around the present value: the index of the element, or the key of the member as it is written. */
interface Container {
  readonly isObject: boolean
  member: string
  index: number
  expectsKey: boolean
}

const longestKey = 64
const longestPath = 256

/** Shows every string of a text, keys too, in their order. The text must be valid JSON. */
export function walkStrings(text: string, see: (found: FoundString) => void): void {
  const around: Container[] = []
  for (let at = 0; at < text.length; at++) {
    const inner = around.at(-1)
    switch (text.charAt(at)) {
      case '{':
        around.push({ isObject: true, member: '', index: 0, expectsKey: true })
        break
      case '[':
        around.push({ isObject: false, member: '', index: 0, expectsKey: false })
        break
      case '}':
      case ']':
        around.pop()
        break
      case ',':
        if (inner?.isObject) inner.expectsKey = true
        else if (inner !== undefined) inner.index += 1
        break
      case '"': {
        const end = endOfString(text, at + 1)
        const quoted = text.slice(at, end)
        const isKey = inner?.expectsKey ?? false
        if (inner !== undefined && isKey) {
          inner.member = quoted
          inner.expectsKey = false
        }
        see({ start: at, end, isKey, value: () => unquote(quoted), path: () => pointerOf(around) })
        at = end - 1
        break
      }
    }
  }
}

function pointerOf(around: readonly Container[]): string {
  const parts = around.map(({ isObject, member, index }) =>
    isObject ? unquote(member).slice(0, longestKey) : String(index),
  )
  const pointer = parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return pointer.length > longestPath ? `${pointer.slice(0, longestPath)}…` : pointer
}
