/** Chance that can be had again: the same seed, the same calls. */
export interface Chance {
  /** True with a probability. */
  odds(probability: number): boolean
  /** A whole number below a bound. */
  below(bound: number): number
  /** Any of some; there must be one. */
  any<T>(of: readonly T[]): T
}

/** A small generator. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    // The low bits of such a generator repeat soon.
    return (state >>> 8) / 2 ** 24
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    odds: (probability) => next() < probability,
    below,
    any: <T>(of: readonly T[]) => of[below(of.length)] as T,
  }
}
