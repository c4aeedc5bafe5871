// Which keys of a value somebody looked at. A validator looks at every key that its schema names, and at no other: so what
// it never read is a key that it does not know, which a schema that is open to more lets pass in silence.

/** Lets somebody look at a value and answers with the paths of the keys that it did not read. */
export function unreadKeys(value: object, look: (watched: object) => void): readonly string[] {
  const read = new Set<string>()
  look(watch(value, '', read))
  return pathsOf(value, '').filter((path) => !read.has(path))
}

function watch<T extends object>(value: T, path: string, read: Set<string>): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return found
      const below = `${path}/${key}`
      read.add(below)
      return typeof found === 'object' && found !== null ? watch(found, below, read) : found
    },
  })
}

function pathsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, below]) => [
    `${path}/${key}`,
    ...pathsOf(below, `${path}/${key}`),
  ])
}
