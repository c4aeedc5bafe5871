// How many streams may be open that show no key: nothing else bounds them, and each costs memory for as long as it stays. Each
// address has its share, so that one that takes all of its own keeps nobody else out.

const perAddress = 100
const inAll = 10_000

/** Seats for streams. */
export interface Seats {
  /** Takes a seat; what is answered gives it back. Undefined when there is none left for this address. */
  take(address: string): (() => void) | undefined
}

/** Seats that nobody sits on yet. */
export function createSeats(): Seats {
  const taken = new Map<string, number>()
  let all = 0

  function change(address: string, by: 1 | -1): void {
    all += by
    const now = (taken.get(address) ?? 0) + by
    if (now > 0) taken.set(address, now)
    else taken.delete(address)
  }

  return {
    take(address) {
      if (all >= inAll || (taken.get(address) ?? 0) >= perAddress) return undefined
      change(address, 1)
      return () => change(address, -1)
    },
  }
}
