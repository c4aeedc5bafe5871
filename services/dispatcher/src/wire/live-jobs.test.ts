import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { type JobHead, JobHeadSchema } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { expect, test } from 'vitest'
import { createLiveJobs, type FollowedJobs } from './live-jobs.ts'

const id = '01890000-0000-7000-8000-00000000000a'
const aHead = (over: MessageInitShape<typeof JobHeadSchema>) =>
  create(JobHeadSchema, { id, version: 3, enabled: true, ...over })

/** What is followed of one job; `atVersion` is done when its version is asked for. */
function following(head: JobHead, more: { isHeld?: boolean; atVersion?: () => JobHead } = {}) {
  let now = head
  const follower = {
    jobs: { resolve: async () => head },
    head: () => now,
    isHeld: () => more.isHeld ?? false,
    async version(_: string, version: number) {
      now = more.atVersion?.() ?? now
      return create(JobSchema, { id, version, maxAttempts: 3 })
    },
    knownVersion: () => undefined,
  }
  return createLiveJobs(follower as unknown as FollowedJobs)
}

test.each<[string, MessageInitShape<typeof JobHeadSchema>, boolean]>([
  ['that is there', {}, false],
  ['that is there and disabled', { enabled: false }, false],
  ['that is deleted', { deleted: true }, false],
  ['that is deleted with its runs', { deleted: true, cancelRuns: true }, true],
  ['that is deleted while it is disabled', { deleted: true, enabled: false }, true],
  ['that is deleted while it is paused', { deleted: true, paused: true }, true],
])('the runs of a job %s: %j, canceled: %s', (_, over, canceled) => {
  const jobs = following(aHead(over))
  expect([jobs.isCanceled(id), jobs.isHeld(id)]).toEqual([canceled, canceled])
})

test('what is held there is held here', () => {
  const jobs = following(aHead({}), { isHeld: true })
  expect([jobs.isCanceled(id), jobs.isHeld(id)]).toEqual([false, true])
})

test('a job is answered as it is when its version has come, and not at all when it was deleted meanwhile', async () => {
  const closing = { atVersion: () => aHead({ enabled: false, closing: true }) }
  expect(await following(aHead({}), closing).resolve('p', 'a-job')).toMatchObject({
    config: { version: 3 },
    enabled: false,
    closing: true,
  })
  const deleted = { atVersion: () => aHead({ deleted: true }) }
  expect(await following(aHead({}), deleted).resolve('p', 'a-job')).toBeUndefined()
})
