// A bounded memory: the value of a key is made when first asked for, and the one unused for longest makes room.

/** Wraps `make` so that its last `size` keys keep their values. */
export function remember<Key, Value>(size: number, make: (key: Key) => Value): (key: Key) => Value {
  // A Map gives its keys in the order of their insertion, so the first is the one unused for longest.
  const kept = new Map<Key, { readonly value: Value }>()
  return (key) => {
    const known = kept.get(key)
    if (known !== undefined) {
      kept.delete(key)
      kept.set(key, known)
      return known.value
    }
    const value = make(key)
    kept.set(key, { value })
    if (kept.size > size) kept.delete(kept.keys().next().value as Key)
    return value
  }
}
