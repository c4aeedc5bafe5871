// Instants as they come in messages: seconds and nanoseconds, which in binary may hold anything.

/** A google.protobuf.Timestamp as it came. */
export interface GivenInstant {
  readonly seconds: bigint
  readonly nanos: number
}

// What a Timestamp may say. Postgres and RFC 3339 can say all of it.
const firstSecond = BigInt(Date.parse('0001-01-01T00:00:00Z') / 1_000)
const lastSecond = BigInt(Date.parse('9999-12-31T23:59:59Z') / 1_000)
const nanosPerSecond = 1_000_000_000
const nanosPerMs = 1_000_000

/** The instant to the millisecond, cut and never rounded up; or what is wrong with it. */
export function readInstant({ seconds, nanos }: GivenInstant): Date | string {
  if (seconds < firstSecond || seconds > lastSecond)
    return 'must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z'
  if (!Number.isInteger(nanos) || nanos < 0 || nanos >= nanosPerSecond)
    return `must have 0 to ${nanosPerSecond - 1} nanoseconds, not ${nanos}`
  return new Date(Number(seconds) * 1_000 + Math.floor(nanos / nanosPerMs))
}
