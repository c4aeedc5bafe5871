import { fromBinary } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import { CatalogChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import type { GroupId } from '@strait/domain/ids'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { aJob, openApp } from './app-bundle.ts'
import { makeGroup } from './group-bundle.ts'
import { anOperator, makeProject } from './project-bundle.ts'
import { refusalOf } from './refusal.ts'
import { insertJob } from './store-bundle.ts'

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

test('groups and projects are told of when they change, and the jobs that a deleted group had', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const listener = await connectBus({ url: nats.url, name: 'listener' })
  onTestFinished(() => listener.close())
  const heard: string[] = []
  for (const kind of ['job', 'job_group', 'project'] as const)
    listener.subscribe(subjects.catalogChanged(kind), (bytes) => {
      heard.push(...fromBinary(CatalogChangedSchema, bytes).ids.map((id) => `${kind} ${id}`))
    })
  await listener.connection()?.flush()
  const app = await openApp({ NATS_URL: nats.url })
  onTestFinished(() => app[Symbol.asyncDispose]())

  const group = await makeGroup(app, 'Told')
  const { db, projectId } = app.store
  const job = await insertJob(db, projectId, { slug: 'in-it', groupId: group.id as GroupId })
  const [ofGroup, inIt] = [`job_group ${group.id}`, `job ${job}`]
  const change = { group: group.id, patch: { name: 'New' }, updateMask: { paths: ['name'] } }
  await app.groups.updateJobGroup({ ...change, validateOnly: true })
  await app.groups.updateJobGroup(change)
  await app.groups.updateJobGroup(change)
  await app.groups.pauseJobGroup({ group: group.id })
  await app.groups.pauseJobGroup({ group: group.id })
  await app.groups.deleteJobGroup({ group: group.id })
  const { projects } = await anOperator(app)
  const { project } = await makeProject(projects, { name: 'Told' })
  const ofProject = `project ${project.id}`
  await projects.resumeProject({ project: 'told' })
  await projects.pauseProject({ project: 'told' })
  await waitFor(() => heard.filter((each) => each === ofProject).length === 2, {
    what: 'news of the project',
  })
  expect(heard.toSorted()).toEqual(
    [ofGroup, ofGroup, ofGroup, ofGroup, inIt, ofProject, ofProject].toSorted(),
  )
})
