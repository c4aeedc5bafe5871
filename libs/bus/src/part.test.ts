import { expect, test } from 'vitest'
import { createPart } from './part.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

// A part that says when it runs, and that ends only when it is told to after its signal.
function aPart() {
  const seen: string[] = []
  const part = createPart('counted', async (signal) => {
    seen.push('begins')
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await turn()
    seen.push('ends')
  })
  return { part, seen }
}

test('a part that was never started stops at once', async () => {
  const { part, seen } = aPart()
  await part.stop()
  expect(seen).toEqual([])
})

test('starting twice runs it once, and stopping twice waits for the one end', async () => {
  const { part, seen } = aPart()
  await Promise.all([part.start(), part.start()])
  await turn()
  await Promise.all([part.stop(), part.stop()])
  expect(seen).toEqual(['begins', 'ends'])
})

test('a start while it is still ending begins anew after that', async () => {
  const { part, seen } = aPart()
  await part.start()
  await turn()
  const stopping = part.stop()
  await part.start()
  await stopping
  await turn()
  await part.stop()
  expect(seen).toEqual(['begins', 'ends', 'begins', 'ends'])
})

test('however often it is started and stopped, it never runs twice at once and ends as the last call says', async () => {
  const { part, seen } = aPart()
  for (let round = 0; round < 60; round++) {
    void (round % 3 === 0 ? part.stop() : part.start())
    if (round % 7 === 0) await turn()
  }
  await part.stop()
  await part.start()
  await turn()
  expect(seen.length).toBeGreaterThan(2)
  expect(seen.length % 2).toBe(1)
  await part.stop()
  expect(seen).toEqual(seen.map((_, nth) => (nth % 2 === 0 ? 'begins' : 'ends')))
  expect(seen.at(-1)).toBe('ends')
})

test('stopped before it could begin, it does not begin', async () => {
  const { part, seen } = aPart()
  void part.start()
  await part.stop()
  expect(seen).toEqual([])
})
