import { collectLog } from '@strait/testkit/collect-log'
import { stressPart } from '@strait/testkit/stress-part'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { createLoop } from './loop.ts'

const hour = 3_600_000

/** A loop whose turns are ended by the test, one by one. */
function setup(intervalMs = hour) {
  const { log, lines } = collectLog()
  const turns: PromiseWithResolvers<void>[] = []
  let running = 0
  let mostAtOnce = 0
  const loop = createLoop({
    name: 'test',
    intervalMs,
    log,
    async runOnce() {
      const turn = Promise.withResolvers<void>()
      turns.push(turn)
      mostAtOnce = Math.max(mostAtOnce, ++running)
      await turn.promise.finally(() => running--)
    },
  })
  onTestFinished(async () => {
    const stopped = loop.stop()
    for (const turn of turns) turn.resolve()
    await stopped
  })
  return { loop, turns, lines, running: () => running, mostAtOnce: () => mostAtOnce }
}

test('a turn runs at start, the next one after the interval', async () => {
  const { loop, turns } = setup(1)
  await loop.start()
  expect(turns).toHaveLength(1)
  turns[0]!.resolve()
  await waitFor(() => turns.length === 2, { what: 'a second turn' })
})

test('turns never overlap, and any number of nudges during one makes one more', async () => {
  const { loop, turns, mostAtOnce } = setup()
  await loop.start()
  for (let i = 0; i < 10; i++) loop.nudge()
  turns[0]!.resolve()
  await waitFor(() => turns.length === 2, { what: 'the turn that was nudged' })
  turns[1]!.resolve()
  await loop.stop()
  expect(turns).toHaveLength(2)
  expect(mostAtOnce()).toBe(1)
})

test('a nudge between turns runs one at once', async () => {
  const { loop, turns, running } = setup()
  await loop.start()
  turns[0]!.resolve()
  await waitFor(() => running() === 0, { what: 'the end of the first turn' })
  loop.nudge()
  await expect.poll(() => turns.length).toBe(2)
})

test('a nudge in the very moment in which a turn ends is not lost', async () => {
  // From the end of runOnce on, one more step of the microtask queue in each round.
  for (let steps = 0; steps < 12; steps++) {
    const { loop, turns } = setup()
    await loop.start()
    turns[0]!.resolve()
    for (let i = 0; i < steps; i++) await Promise.resolve()
    loop.nudge()
    await waitFor(() => turns.length > 1, { what: `a turn for a nudge ${steps} steps later`, timeoutMs: 500 })
    expect(turns).toHaveLength(2)
  }
})

test('stop waits for the turn under way, and none begins after it', async () => {
  const { loop, turns } = setup(1)
  await loop.start()
  let stopped = false
  const stopping = loop.stop().then(() => {
    stopped = true
  })
  loop.nudge()
  await Promise.resolve()
  expect(stopped).toBe(false)
  turns[0]!.resolve()
  await stopping
  loop.nudge()
  expect(turns).toHaveLength(1)
})

test('a loop that fails says so once, goes on, and says when it works again', async () => {
  const { loop, turns, lines } = setup(1)
  await loop.start()
  turns[0]!.reject(new Error('first'))
  await waitFor(() => turns.length === 2, { what: 'the turn after the first failure' })
  turns[1]!.reject(new Error('second'))
  await waitFor(() => turns.length === 3, { what: 'the turn after the second failure' })
  turns[2]!.resolve()
  await waitFor(() => lines.length === 2, { what: 'the loop to say that it works again' })
  expect(lines).toEqual([
    {
      level: 'warn',
      about: { loop: 'test', err: new Error('first') },
      sentence: 'loop failed, it goes on trying',
    },
    { level: 'info', about: { loop: 'test' }, sentence: 'loop works again' },
  ])
})

test('a failed turn is not repeated at once for a nudge that came during it', async () => {
  const { loop, turns, running } = setup()
  await loop.start()
  loop.nudge()
  turns[0]!.reject(new Error('broken'))
  await waitFor(() => running() === 0, { what: 'the end of the failed turn' })
  await loop.stop()
  expect(turns).toHaveLength(1)
})

test('a loop survives being started and stopped by many at once', async () => {
  const { log, lines } = collectLog()
  let running = 0
  const loop = createLoop({
    name: 'stressed',
    intervalMs: 1,
    log,
    async runOnce() {
      if (++running > 1) throw new Error('two turns at once')
      await Promise.resolve()
      running--
    },
  })
  await stressPart(loop)
  expect(running).toBe(0)
  expect(lines).toEqual([])
})
