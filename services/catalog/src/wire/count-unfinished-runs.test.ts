import { create } from '@bufbuild/protobuf'
import { CountRunsResponseSchema } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { expect, test } from 'vitest'
import { createCountUnfinishedRuns } from './count-unfinished-runs.ts'

const { signal } = new AbortController()
const counting = (counts: readonly { waiting: bigint; executing: bigint }[]) =>
  createCountUnfinishedRuns({
    countRuns: async () => create(CountRunsResponseSchema, { counts: [...counts] }),
  })('a job', signal)

test('what waits and what executes is unfinished', async () => {
  expect(await counting([{ waiting: 2n, executing: 3n }])).toBe(5)
})

test('an answer without a count is no answer, as one that does not come', async () => {
  await expect(counting([])).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  const away = createCountUnfinishedRuns({ countRuns: () => Promise.reject(new Error('away')) })
  await expect(away('a job', signal)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})
