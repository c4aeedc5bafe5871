import { fromBinary } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import { CatalogChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { aJob, openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'

test('a job that is created is told at once to whoever listens, and one that is refused or only checked is not', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const listener = await connectBus({ url: nats.url, name: 'listener' })
  onTestFinished(() => listener.close())
  const heard: string[] = []
  listener.subscribe(subjects.catalogChanged('job'), (bytes) => {
    heard.push(...fromBinary(CatalogChangedSchema, bytes).ids)
  })
  await listener.connection()?.flush()
  const app = await openApp({ NATS_URL: nats.url })
  onTestFinished(() => app[Symbol.asyncDispose]())

  const first = await app.jobs.createJob({ job: { ...aJob, slug: 'told' } })
  const taken = app.jobs.createJob({ job: { ...aJob, slug: 'told' } })
  expect(await refusalOf(taken)).toMatchObject({ reason: 'SLUG_TAKEN' })
  await app.jobs.createJob({ job: aJob, validateOnly: true })
  const second = await app.jobs.createJob({ job: { ...aJob, slug: 'told-too' } })
  // News of one connection keeps its order: what was not told before the second job never will be.
  await waitFor(() => heard.includes(second.job!.id), { what: 'news of the second job' })
  expect(heard).toEqual([first.job!.id, second.job!.id])
})
