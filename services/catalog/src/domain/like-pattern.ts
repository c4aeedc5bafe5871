/** A pattern for LIKE that matches whatever contains the text, in which no character means anything but itself. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`
}
