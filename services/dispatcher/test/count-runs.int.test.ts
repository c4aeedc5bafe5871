import { create } from '@bufbuild/protobuf'
import { CountRunsRequestSchema } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import { countRuns } from '../src/rpc/count-runs.ts'
import { insertRuns } from '../src/store/insert-runs.ts'
import { startAttempts } from '../src/store/start-attempts.ts'
import { aNewRun, aStart, jobId, type StoreBundle, setup } from './store-bundle.ts'

const ask = (bundle: Pick<StoreBundle, 'db'>, jobIds: readonly string[]) =>
  countRuns(bundle.db)(create(CountRunsRequestSchema, { jobIds: [...jobIds] }))

test('waiting and executing runs are counted for each job, in the order of the question', async () => {
  await using bundle = await setup()
  const other = newUuidv7()
  const [first] = await bundle.waiting(3)
  await insertRuns(bundle.db, [aNewRun({ jobId: other })], undefined)
  const me = { execId: await bundle.living(), generation: 1 }
  await startAttempts(bundle.hot, me, [aStart(first as never)])
  const { counts } = await ask(bundle, [newUuidv7(), other, jobId, other])
  expect(counts).toEqual([
    { waiting: 0n, executing: 0n },
    { waiting: 1n, executing: 0n },
    { waiting: 2n, executing: 1n },
    { waiting: 1n, executing: 0n },
  ])
})

test('ten thousand jobs are one question, ten thousand and one are refused, and so is what is no id', async () => {
  await using bundle = await setup()
  const ids = Array.from({ length: 10_000 }, () => newUuidv7())
  expect((await ask(bundle, ids)).counts.length).toBe(10_000)
  await expect(ask(bundle, [...ids, newUuidv7()])).rejects.toThrow(/job_ids/)
  await expect(ask(bundle, [newUuidv7(), 'x'])).rejects.toThrow(/job_ids\[1\]/)
  expect((await ask(bundle, [])).counts).toEqual([])
})
