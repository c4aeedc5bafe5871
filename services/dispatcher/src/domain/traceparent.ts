// W3C trace context: the caller's trace goes on, a run without one begins its own.

const form = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** The traceparent of a run: the trace of the given header, or a new one made of 24 random bytes in hex. */
export function runTraceparent(header: string | undefined, randomHex: string): string {
  const given = form.exec(header ?? '')
  const spanId = randomHex.slice(32, 48)
  return given === null ? `00-${randomHex.slice(0, 32)}-${spanId}-01` : `00-${given[1]}-${spanId}-${given[3]}`
}

/** The trace id inside a traceparent. */
export function traceIdOf(traceparent: string): string {
  return form.exec(traceparent)?.[1] ?? ''
}
