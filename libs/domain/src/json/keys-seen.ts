// The keys of one open object. Most objects have few, and a look along a short list is cheaper than a set.

const FEW = 8

export type KeysSeen = { readonly few: string[]; many: Set<string> | undefined }

/** An object that has shown no key yet. */
export function noKeys(): KeysSeen {
  return { few: [], many: undefined }
}

/** Notes a key; false if it was there before. */
export function addKey(keys: KeysSeen, key: string): boolean {
  if (keys.many !== undefined) {
    const before = keys.many.size
    return keys.many.add(key).size > before
  }
  if (keys.few.includes(key)) return false
  keys.few.push(key)
  if (keys.few.length > FEW) keys.many = new Set(keys.few)
  return true
}
