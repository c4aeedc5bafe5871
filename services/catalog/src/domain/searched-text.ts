// What lists look for a text in. Both sides are made here, so the case of any script is the same on both, whatever the locale of a database
// knows of it.

/** Stands between the texts, so that nothing is found across two of them. */
const between = '\u0001'

/** What is kept of something to be found by its name, slug or description. */
export function searchedText(of: {
  readonly name: string
  readonly slug: string
  readonly description: string
}): string {
  return [of.name, of.slug, of.description].map(toSearched).join(between)
}

/** A text as it is looked for. */
export function toSearched(text: string): string {
  return text.replaceAll(between, ' ').toLowerCase()
}
