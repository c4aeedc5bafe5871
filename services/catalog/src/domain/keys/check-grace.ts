const maxGraceSecs = 2_592_000

/** Says why an old secret cannot work on for so many seconds, or nothing. */
export function graceProblem(secs: number): string | undefined {
  return secs < 0 || secs > maxGraceSecs ? `must be 0 to ${maxGraceSecs}, not ${secs}` : undefined
}
