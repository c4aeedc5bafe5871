// Which files of the repository a build may see, by .dockerignore: the last pattern that names a file, or a folder above it,
// decides; with `!` it lets the file in.

/** Says of a path from the root, with forward slashes, whether a build does not see it. */
export function readDockerIgnore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const letsIn = line.startsWith('!')
      return { ignored: !letsIn, matches: readPattern(letsIn ? line.slice(1) : line) }
    })
  return (path) => rules.findLast(({ matches }) => matches(path))?.ignored ?? false
}

function readPattern(pattern: string): (path: string) => boolean {
  const source = pattern
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map((part) => (part === '**' ? '**' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*')))
    .join('/')
    .replaceAll('**/', '(?:.*/)?')
  // Whatever lies in a folder that is named is named with it.
  const regex = new RegExp(`^${source}(?:/|$)`)
  return (path) => regex.test(path)
}
