import type { DescEnum, DescEnumValue } from '@bufbuild/protobuf'

/** The words of an enum as REST has them. Zero means that nothing was said, and is never shown. */
export function wordsOf(desc: DescEnum): readonly string[] {
  return sayableValues(desc).map(wordOf)
}

/** The values that have a word. */
export function sayableValues(desc: DescEnum): readonly DescEnumValue[] {
  return desc.values.filter(({ number }) => number !== 0)
}

/** The word of a value: its name in lower case, without the enum's. */
export function wordOf(value: DescEnumValue): string {
  return value.localName.toLowerCase()
}
