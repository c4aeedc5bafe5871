import { Code, ConnectError } from '@connectrpc/connect'
import { expect, test } from 'vitest'
import { createAsk } from './ask.ts'

/** Whoever is asked: it remembers the batches, and answers when it is told to. */
function anOracle() {
  const batches: string[][] = []
  const gates: PromiseWithResolvers<void>[] = []
  const ask = createAsk<string, string>({
    keyOf: (question) => question,
    async ask(questions) {
      batches.push([...questions])
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      await gate.promise
      return questions.map((question) => `${question}!`)
    },
  })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { ask, batches, gates, turn }
}

test('those who ask together are one question, and equal ones are asked once', async () => {
  const { ask, batches, gates, turn } = anOracle()
  const answers = Promise.all(['a', 'b', 'a', 'a'].map(ask))
  await turn()
  gates[0]?.resolve()
  expect(await answers).toEqual(['a!', 'b!', 'a!', 'a!'])
  expect(batches).toEqual([['a', 'b']])
})

test('who asks while the same question is on its way gets an answer of its own, which was read later', async () => {
  const { ask, batches, gates, turn } = anOracle()
  const first = ask('a')
  await turn()
  const later = [ask('a'), ask('a'), ask('b')]
  gates[0]?.resolve()
  expect(await first).toBe('a!')
  await turn()
  gates[1]?.resolve()
  expect(await Promise.all(later)).toEqual(['a!', 'a!', 'b!'])
  expect(batches).toEqual([['a'], ['a', 'b']])
})

test('a catalog that cannot be asked is UNAVAILABLE, and asked again the next time', async () => {
  const { ask, gates, turn } = anOracle()
  const asked = [ask('a'), ask('b')]
  await turn()
  gates[0]?.reject(new ConnectError('down', Code.Unavailable))
  for (const each of asked) await expect(each).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  const again = ask('a')
  await turn()
  gates[1]?.resolve()
  expect(await again).toBe('a!')
})

test('a question whose answer is too large is asked in halves, and only what is too large alone fails', async () => {
  const batches: number[] = []
  const ask = createAsk<number, number>({
    keyOf: String,
    async ask(questions) {
      batches.push(questions.length)
      if (questions.length > 3) throw new ConnectError('too large', Code.ResourceExhausted)
      return questions.map((question) => question * 2)
    },
  })
  const numbers = Array.from({ length: 10 }, (_, n) => n)
  expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map((n) => n * 2))
  expect(batches).toEqual([10, 5, 2, 3, 5, 2, 3])
})

test('more questions than may wait are refused with OVERLOADED', async () => {
  const { ask, gates, turn } = anOracle()
  const asked = Array.from({ length: 20_001 }, (_, n) => ask(`${n}`))
  await expect(asked.at(-1)).rejects.toMatchObject({ reason: 'OVERLOADED' })
  const drained = Promise.all(asked.slice(0, -1))
  while (gates.length < 40) {
    await turn()
    for (const gate of gates) gate.resolve()
  }
  expect(await drained).toHaveLength(20_000)
})
