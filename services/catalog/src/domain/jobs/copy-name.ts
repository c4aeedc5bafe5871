const maxCharacters = 255
const tail = ' (copy)'

/** The name of a copy: that of the original followed by " (copy)", the original's cut where both would be too long. */
export function copyName(name: string): string {
  // By characters as people see them written: half of an emoji is none.
  const characters = [...name]
  return characters.slice(0, maxCharacters - tail.length).join('') + tail
}
