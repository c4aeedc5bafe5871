import { expect, test } from 'vitest'
import { type Part, partOf, startParts, stopParts, takingTurns } from './part.ts'

/** Parts that write down what is done to them. */
function setup() {
  const done: string[] = []
  const part = (name: string, failing: 'start' | 'stop' | 'nothing' = 'nothing'): Part => ({
    name,
    async start() {
      done.push(`start ${name}`)
      if (failing === 'start') throw new Error(`${name} has no luck`)
    },
    async stop() {
      done.push(`stop ${name}`)
      if (failing === 'stop') throw new Error(`${name} hangs on`)
    },
  })
  return { done, part }
}

test('parts start in reading order and stop in the opposite one', async () => {
  const { done, part } = setup()
  const parts = [part('a'), part('b')]
  await startParts(parts)
  await stopParts(parts)
  expect(done).toEqual(['start a', 'start b', 'stop b', 'stop a'])
})

test('when a part does not start, it and those before it are stopped, and its own reason is thrown', async () => {
  const { done, part } = setup()
  await expect(startParts([part('a', 'stop'), part('b', 'start'), part('c')])).rejects.toThrow(
    'b has no luck',
  )
  expect(done).toEqual(['start a', 'start b', 'stop b', 'stop a'])
})

test('a start that is broken off starts nothing more and stops what it had started', async () => {
  const { done, part } = setup()
  const abort = new AbortController()
  const breaker = partOf('breaker', { start: async () => abort.abort(new Error('no longer wanted')) })
  await expect(startParts([part('a'), breaker, part('c')], abort.signal)).rejects.toThrow('no longer wanted')
  expect(done).toEqual(['start a', 'stop a'])
})

test('a part that does not stop does not keep the others, and is named', async () => {
  const { done, part } = setup()
  await expect(stopParts([part('a'), part('b', 'stop'), part('c')])).rejects.toThrow('b did not stop')
  expect(done).toEqual(['stop c', 'stop b', 'stop a'])
  await expect(stopParts([part('a', 'stop'), part('b', 'stop')])).rejects.toThrow(
    'b did not stop, a did not stop',
  )
})

test('a part that only starts, or only stops, does nothing at the other verb', async () => {
  let started = 0
  const part = partOf('half', { start: async () => void started++ })
  await part.start()
  await part.stop()
  expect(started).toBe(1)
})

test('verbs that are called at once run in turns, and only where they change something', async () => {
  const { done, part } = setup()
  const turns = takingTurns('t', part('t'))
  await Promise.all([turns.start(), turns.start(), turns.stop(), turns.stop(), turns.start()])
  expect(done).toEqual(['start t', 'stop t', 'start t'])
})

test('a start that failed can be tried again, and a stop after it has nothing to do', async () => {
  const { done, part } = setup()
  const turns = takingTurns('t', part('t', 'start'))
  await expect(turns.start()).rejects.toThrow('no luck')
  await turns.stop()
  await expect(turns.start()).rejects.toThrow('no luck')
  expect(done).toEqual(['start t', 'start t'])
})
