import { expect, test } from 'vitest'
import { createUnderWay } from './under-way.ts'

test("what is under way of a job is waited for, however it ends; what is another job's, or begins after, is not", async () => {
  const underWay = createUnderWay()
  const [stored, failed, others, later] = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const tracked = underWay.track('a', failed!.promise)
  void underWay.track('a', stored!.promise)
  void underWay.track('b', others!.promise)
  let over = false
  const waited = underWay.over(['a', 'c']).then(() => {
    over = true
  })
  void underWay.track('a', later!.promise)
  failed!.reject(new Error('no'))
  await expect(tracked).rejects.toThrow('no')
  expect(over).toBe(false)
  stored!.resolve()
  await waited
  later!.resolve()
  await underWay.over(['a'])
})
