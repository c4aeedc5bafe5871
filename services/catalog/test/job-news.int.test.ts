// What followers hear of jobs, and what is counted: a change that was stored, once; nothing of what was refused, checked or no change.

import { fromBinary } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import { CatalogChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { aJob, openApp } from './app-bundle.ts'
import { makeJob, patchJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'
import { standInDispatcher } from './stand-in-dispatcher.ts'

test('every change is told when it was stored, and a batch is told of at once', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const listener = await connectBus({ url: nats.url, name: 'listener' })
  onTestFinished(() => listener.close())
  const heard: (readonly string[])[] = []
  listener.subscribe(subjects.catalogChanged('job'), (bytes) => {
    heard.push(fromBinary(CatalogChangedSchema, bytes).ids)
  })
  await listener.connection()?.flush()
  let unfinished = 1n
  const dispatcher = await standInDispatcher(async () => ({ waiting: unfinished, executing: 0n }))
  onTestFinished(() => dispatcher[Symbol.asyncDispose]())
  const app = await openApp({ NATS_URL: nats.url, STRAIT_DISPATCHER_URL: dispatcher.url })
  onTestFinished(() => app[Symbol.asyncDispose]())

  const { id } = await makeJob(app)
  await waitFor(() => heard.length === 1, { what: 'the news of the job' })
  const told = async (what: string, change: () => Promise<unknown>, times = 1) => {
    const before = heard.length
    await change()
    // News of one connection keeps its order: what was not told before a marker never will be.
    const marker = await makeJob(app)
    await waitFor(() => heard.some(([first]) => first === marker.id), { what: `the marker after ${what}` })
    expect(heard.slice(before, -1), what).toEqual(Array.from({ length: times }, () => [id]))
  }
  await told('an update', () => patchJob(app, id, { maxAttempts: 4 }))
  await told('an update of nothing', () => patchJob(app, id, { maxAttempts: 4 }), 0)
  await told('a check', () => patchJob(app, id, { maxAttempts: 5 }, { validateOnly: true }), 0)
  await told('a refusal', () => refusalOf(patchJob(app, id, { maxAttempts: 0 })), 0)
  await told('a pause', () => app.jobs.pauseJob({ job: id }))
  await told('a second pause', () => app.jobs.pauseJob({ job: id }), 0)
  await told('its end', () => app.jobs.resumeJob({ job: id }))
  await told('disabling', () => app.jobs.disableJob({ job: id }))
  await told('enabling', () => app.jobs.enableJob({ job: id }))
  await told('a rollback', () => app.jobs.rollbackJob({ job: id, version: '1' }))
  // It is closed, and opened again.
  await told('a refused deletion', () => refusalOf(app.jobs.deleteJob({ job: id })), 2)
  unfinished = 0n
  await told('a deletion', () => app.jobs.deleteJob({ job: id }), 2)

  const before = heard.length
  const { results } = await app.jobs.batchCreateJobs({ jobs: [aJob, { name: '' }, aJob] })
  const made = results.flatMap(({ outcome }) => (outcome.case === 'job' ? [outcome.value.id] : []))
  await waitFor(() => heard.length > before, { what: 'news of the batch' })
  expect(heard.slice(before).map((ids) => [...ids].sort())).toEqual([[...made].sort()])
})
