/**
 * Whether two values of a field are the same: lists by their items in order, maps by their own keys in any order, whatever prototype
 * they have; everything else by itself.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(read(a, key), read(b, key)))
}

function read(from: object, key: string): unknown {
  return (from as Readonly<Record<string, unknown>>)[key]
}
