/**
 * The test that every part has to pass: started and stopped by many at once, in any order, twice and before it was ever
 * started. What it does in between is its own test's affair.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { waitFor } from './wait-for.ts'

interface Part {
  start(): Promise<void>
  stop(): Promise<void>
}

const held = ['TCPServerWrap', 'TCPSocketWrap', 'Timeout']

/** Starts and stops a part so many times at once, and leaves it stopped; fails when it leaves a server, socket or timer behind. */
export async function stressPart(part: Part, { times = 50, timeoutMs = 5_000 } = {}): Promise<void> {
  const before = count()
  await Promise.all([part.stop(), part.stop()])
  await Promise.all([part.start(), part.start()])
  await Promise.all(Array.from({ length: times }, (_, i) => (i % 2 === 0 ? part.stop() : part.start())))
  // Two of a kind next to each other, and stops that overtake each other.
  await Promise.all(Array.from({ length: times }, (_, i) => (i % 3 === 0 ? part.start() : part.stop())))
  await part.start()
  await Promise.all([part.stop(), part.stop()])
  // What is only just being opened or closed shows after a turn of the event loop.
  await nextTurn()
  const left = () => held.filter((kind) => count()[kind]! > before[kind]!).join(', ')
  await waitFor(() => left() === '' || Promise.reject(new Error(`left behind: ${left()}`)), {
    what: 'nothing to be left behind',
    timeoutMs,
  })
}

function count(): Record<string, number> {
  const active = process.getActiveResourcesInfo()
  return Object.fromEntries(held.map((kind) => [kind, active.filter((each) => each === kind).length]))
}
