/** The calls in flight: how many, to which origins, and when they are over. */
export interface InFlight {
  /** Counts a call until it is over; resolves once it no longer counts. The call must not reject. */
  track(origin: string, call: Promise<void>): Promise<void>
  total(): number
  byOrigin(): ReadonlyMap<string, number>
  /** Resolves when nothing is in flight, or after so long. */
  drained(withinMs?: number): Promise<void>
}

/** Counts calls; `onChange` is told how many are in flight. */
export function createInFlight(onChange: (count: number) => void): InFlight {
  const calls = new Set<Promise<void>>()
  const origins = new Map<string, number>()

  function add(origin: string, difference: number): void {
    const count = (origins.get(origin) ?? 0) + difference
    if (count === 0) origins.delete(origin)
    else origins.set(origin, count)
  }

  return {
    track(origin, call) {
      add(origin, 1)
      const over = call.finally(() => {
        add(origin, -1)
        calls.delete(over)
        onChange(calls.size)
      })
      calls.add(over)
      onChange(calls.size)
      return over
    },
    total: () => calls.size,
    byOrigin: () => origins,
    async drained(withinMs) {
      const over = Promise.all(calls).then(() => undefined)
      if (withinMs === undefined) return over
      let timer: NodeJS.Timeout | undefined
      const tooLong = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs)
      })
      await Promise.race([over, tooLong]).finally(() => clearTimeout(timer))
    },
  }
}
