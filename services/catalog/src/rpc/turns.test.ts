import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

test('work under one key waits for the work before it, also for one that fails, and under another it does not', async () => {
  const inTurn = createTurns()
  const log: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = inTurn('a', async () => {
    await gate.promise
    log.push('first')
    throw new Error('failed')
  })
  const second = inTurn('a', async () => log.push('second'))
  await inTurn('b', async () => log.push('other'))
  expect(log).toEqual(['other'])
  gate.resolve()
  await expect(first).rejects.toThrow('failed')
  expect(await second).toBe(3)
  expect(await inTurn('a', async () => log.join(' '))).toBe('other first second')
})
