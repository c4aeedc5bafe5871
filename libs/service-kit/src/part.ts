/** Something that lives: both verbs are idempotent, stop may be called at any time and resolves when nothing is left. */
export interface Part {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts parts in reading order; when one fails or the signal is given, those before it are stopped again and the reason is
 * thrown.
 */
export async function startParts(parts: readonly Part[], signal?: AbortSignal): Promise<void> {
  const started: Part[] = []
  for (const part of parts) {
    try {
      signal?.throwIfAborted()
      // Counted as started before it is: what fails half-way may have left something to stop.
      started.push(part)
      await part.start()
    } catch (cause) {
      // Why it did not start is what counts; that it cannot be stopped either follows from it.
      await stopParts(started).catch(() => undefined)
      throw cause
    }
  }
}

/** Stops parts in the opposite order. One that fails to stop does not keep the others; the failures are thrown at the end. */
export async function stopParts(parts: readonly Part[]): Promise<void> {
  const failures: Error[] = []
  for (const part of [...parts].reverse()) {
    try {
      await part.stop()
    } catch (cause) {
      failures.push(new Error(`${part.name} did not stop`, { cause }))
    }
  }
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, failures.map((one) => one.message).join(', '))
}

/** A part of what only has to be started, or only stopped. */
export function partOf(
  name: string,
  verbs: { start?: () => Promise<void>; stop?: () => Promise<void> },
): Part {
  return { name, start: verbs.start ?? (async () => undefined), stop: verbs.stop ?? (async () => undefined) }
}

/**
 * Makes a part of two verbs that know nothing of each other: calls wait for those before them, and one that would change
 * nothing does nothing. However many come at once, `start` and `stop` themselves run in turns, never twice in a row.
 */
export function takingTurns(
  name: string,
  verbs: { start: () => Promise<void>; stop: () => Promise<void> },
): Part {
  let started = false
  let last: Promise<void> = Promise.resolve()
  const inTurn = (step: () => Promise<void>) => {
    const turn = last.then(step)
    last = turn.catch(() => undefined)
    return turn
  }
  return {
    name,
    start: () =>
      inTurn(async () => {
        if (started) return
        await verbs.start()
        started = true
      }),
    stop: () =>
      inTurn(async () => {
        if (!started) return
        started = false
        await verbs.stop()
      }),
  }
}
