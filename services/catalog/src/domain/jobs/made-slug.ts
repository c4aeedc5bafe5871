/** Whether a slug is one that a name made: the slug of the name itself, or that with a number behind it. */
export function isMadeFrom(slug: string, made: string): boolean {
  return slug === made || (slug.startsWith(`${made}-`) && /^[1-9]\d*$/.test(slug.slice(made.length + 1)))
}
