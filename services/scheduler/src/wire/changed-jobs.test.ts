import { createClient, createRouterTransport } from '@connectrpc/connect'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { expect, test } from 'vitest'
import { createChangedJobs } from './changed-jobs.ts'

const updatedAt = { seconds: 1_700_000_000n, nanos: 0 }

/** A catalog with one page of heads and with versions that fire each minute. */
function catalog(heads: readonly object[], asked: string[] = []) {
  const transport = createRouterTransport(({ service }) => {
    service(CatalogInternalService, {
      headsChanged: ({ since }) => ({ heads: [...heads], next: `${since}n`, more: false }),
      getJobVersions({ refs }) {
        asked.push(...refs.map((ref) => `${ref.jobId} ${ref.version}`))
        const job = { cron: '* * * * *', timezone: 'Europe/Berlin', cronPayload: '{"a":1}' }
        return {
          versions: refs.map((ref) =>
            ref.jobId === 'none' ? {} : { job: { ...job, id: ref.jobId, version: ref.version } },
          ),
        }
      },
    })
  })
  return createClient(CatalogInternalService, transport)
}

function aHead(more: object) {
  const head = { id: 'j', projectId: 'p', version: 3, enabled: true, hasCron: true, updatedAt, ...more }
  return { kind: { case: 'job', value: head } }
}

test('a job with a cron is told with the timetable and the payload of its newest version', async () => {
  const asked: string[] = []
  const { jobs, next, more } = await createChangedJobs(catalog([aHead({})], asked))('s')
  expect({ next, more, asked }).toEqual({ next: 'sn', more: false, asked: ['j 3'] })
  expect(jobs).toEqual([
    {
      id: 'j',
      projectId: 'p',
      version: 3,
      timetable: { cron: '* * * * *', timezone: 'Europe/Berlin' },
      enabled: true,
      payload: '{"a":1}',
      changedAt: new Date(1_700_000_000_000),
    },
  ])
})

test('a job without a cron, or one that is deleted, has no timetable and is not asked for', async () => {
  const asked: string[] = []
  const heads = [aHead({ hasCron: false }), aHead({ id: 'k', deleted: true })]
  const { jobs } = await createChangedJobs(catalog(heads, asked))('')
  expect(jobs.map(({ timetable }) => timetable)).toEqual([undefined, undefined])
  // A deletion acts from when it is heard of.
  expect(jobs.map(({ changedAt }) => changedAt)).toEqual([new Date(1_700_000_000_000), undefined])
  expect(asked).toEqual([])
})

test('a disabled job is told as such', async () => {
  const { jobs } = await createChangedJobs(catalog([aHead({ enabled: false })]))('')
  expect(jobs).toMatchObject([{ enabled: false, timetable: { cron: '* * * * *' } }])
})

test('heads of other kinds change no schedule', async () => {
  const heads = [
    { kind: { case: 'project', value: { id: 'p' } } },
    { kind: { case: 'jobGroup', value: { id: 'g' } } },
  ]
  expect(await createChangedJobs(catalog(heads))('')).toMatchObject({ jobs: [] })
})

test('a version that cannot be read stops the turn, and ends no schedule', async () => {
  await expect(createChangedJobs(catalog([aHead({ id: 'none' })]))('')).rejects.toThrow(/does not exist/)
})
