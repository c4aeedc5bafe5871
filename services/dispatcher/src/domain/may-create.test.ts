import { expect, test } from 'vitest'
import type { JobConfig, LiveJob } from './job-config.ts'
import { whyNotTaken } from './may-create.ts'

function aJob(over: Partial<LiveJob> = {}, notYetActing: Partial<JobConfig['notYetActing']> = {}): LiveJob {
  const config: JobConfig = {
    jobId: 'j',
    projectId: 'p',
    slug: 's',
    version: 1,
    versionId: 'ver_0000000001',
    endpointUrl: 'http://e/',
    timeoutSecs: 1,
    maxAttempts: 1,
    retry: { strategy: 'fixed', delaysSecs: [] },
    webhookUrl: undefined,
    defaultRunMetadata: {},
    tags: {},
    notYetActing: { always: [], byCron: [], ...notYetActing },
  }
  return { config, enabled: true, closing: false, ...over }
}

test('an enabled job on which all acts takes runs', () => {
  expect(whyNotTaken(aJob(), 'manual')).toBeUndefined()
  expect(whyNotTaken(aJob(), 'cron')).toBeUndefined()
})

test('a disabled job takes none, and that does not pass by itself', () => {
  expect(whyNotTaken(aJob({ enabled: false }), 'manual')).toMatchObject({
    reason: 'JOB_DISABLED',
    passes: false,
  })
})

test('a job that is being deleted takes none, and that passes', () => {
  expect(whyNotTaken(aJob({ closing: true }), 'cron')).toMatchObject({ reason: 'JOB_DISABLED', passes: true })
})

test('a job with settings that do not act takes none, those of its schedule counting for a cron alone', () => {
  const job = aJob({}, { always: ['max_concurrency'], byCron: ['overlap'] })
  expect(whyNotTaken(job, 'manual')).toEqual({ reason: 'NOT_YET_SUPPORTED', fields: ['max_concurrency'] })
  expect(whyNotTaken(job, 'cron')).toEqual({
    reason: 'NOT_YET_SUPPORTED',
    fields: ['max_concurrency', 'overlap'],
  })
  expect(whyNotTaken(aJob({}, { byCron: ['overlap'] }), 'manual')).toBeUndefined()
})
