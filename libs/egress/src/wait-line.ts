// The calls that wait for a connection, in their order; each may leave from any place at once.
//
// A linked list through the calls themselves. A Set would do the same, but one that is filled and emptied all
// day leaves its outgrown tables in a chain that holds on to every call that was ever in them until the next
// full collection. Measured: 88 us of CPU a call and a heap of 90 MB, against 66 us and 17 MB.

/** What a line holds: the links are the line's own. */
export interface Waiter {
  before: Waiter | null
  after: Waiter | null
}

export class WaitLine<T extends Waiter> {
  #first: Waiter | null = null
  #last: Waiter | null = null
  #size = 0

  get size(): number {
    return this.#size
  }

  get last(): T | null {
    return this.#last as T | null
  }

  add(waiter: T): void {
    waiter.before = this.#last
    if (this.#last === null) this.#first = waiter
    else this.#last.after = waiter
    this.#last = waiter
    this.#size += 1
  }

  /** The one who waits longest leaves. */
  take(): T | null {
    const first = this.#first as T | null
    if (first !== null) this.remove(first)
    return first
  }

  /** Leaves the line; the waiter must be in it. */
  remove(waiter: T): void {
    const { before, after } = waiter
    if (before === null) this.#first = after
    else before.after = after
    if (after === null) this.#last = before
    else after.before = before
    waiter.before = null
    waiter.after = null
    this.#size -= 1
  }
}
