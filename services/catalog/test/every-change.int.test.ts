// Whatever is changed, by whichever method: one entry in the audit log by whoever called, whatever the body says of that, and one word to
// the followers; and nothing of either by a call that only checks, nor anything at all of a change whose entry cannot be written. The
// methods are found in the schema, so that no new one is forgotten.

import { type DescMethod, fromBinary } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import { CatalogChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { ownerOf, publicServices } from '@strait/contracts/public-services'
import { type CatalogKind, subjects } from '@strait/contracts/subjects'
import { newUuidv7 } from '@strait/domain/ids'
import { runSql } from '@strait/testkit/database-url'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrapDeployment } from '../src/bootstrap-deployment.ts'
import { aJob, openApp } from './app-bundle.ts'
import { makeKey } from './key-bundle.ts'
import { dump } from './spawned-catalog.ts'

type Json = Record<string, unknown>

const methods = publicServices
  .filter((service) => ownerOf(service) === 'catalog')
  .flatMap((service) => service.methods.filter(({ methodKind }) => methodKind === 'unary'))
// Reading is IDEMPOTENCY NO_SIDE_EFFECTS in the schema.
const changing = methods.filter(({ idempotency }) => idempotency !== 1)
const actorOf = (token: string) => `apikey:${token.split('_')[1]}`
const canCheck = ({ input }: DescMethod) => input.fields.some(({ name }) => name === 'validate_only')
const pathOf = ({ parent, name }: DescMethod) => `${parent.name}/${name}`

/** What a body says and only the catalog decides. */
const claimed = { id: newUuidv7(), createdBy: 'me', updatedBy: 'me', createdAt: '2001-01-01T00:00:00Z' }
const named = { ...claimed, name: 'Named' }
const steps = [{ ref: 'only', job: { job: 'a-job' } }]
const patch = { patch: { ...named, name: 'Renamed' }, updateMask: 'name,createdBy,updatedBy,createdAt' }

/** A call of each method that changes something, in an order in which each has something to change; `id` is what its service made first. */
const calls: Readonly<Record<string, readonly [action: string, body: (id: string) => Json]>> = {
  'JobService/CreateJob': ['job.created', () => ({ job: { ...aJob, ...named } })],
  'JobService/UpdateJob': ['job.updated', (job) => ({ job, ...patch })],
  'JobService/RollbackJob': ['job.rolled_back', (job) => ({ job, version: '1' })],
  'JobService/DisableJob': ['job.disabled', (job) => ({ job })],
  'JobService/EnableJob': ['job.enabled', (job) => ({ job })],
  'JobService/PauseJob': ['job.paused', (job) => ({ job })],
  'JobService/ResumeJob': ['job.resumed', (job) => ({ job })],
  'JobService/CloneJob': ['job.cloned', (job) => ({ job })],
  'JobService/BatchCreateJobs': ['job.created', () => ({ jobs: [{ ...aJob, ...named }] })],
  'JobService/BatchUpdateJobs': ['job.updated', (job) => ({ requests: [{ job, ...patch }] })],
  'JobService/DeleteJob': ['job.deleted', (job) => ({ job, force: true })],
  'JobGroupService/CreateJobGroup': ['job_group.created', () => ({ jobGroup: named })],
  'JobGroupService/UpdateJobGroup': ['job_group.updated', (group) => ({ group, ...patch })],
  'JobGroupService/PauseJobGroup': ['job_group.paused', (group) => ({ group })],
  'JobGroupService/ResumeJobGroup': ['job_group.resumed', (group) => ({ group })],
  'JobGroupService/DeleteJobGroup': ['job_group.deleted', (group) => ({ group })],
  'EnvironmentService/CreateEnvironment': ['environment.created', () => ({ environment: named })],
  'EnvironmentService/UpdateEnvironment': [
    'environment.updated',
    (environment) => ({ environment, ...patch }),
  ],
  'EnvironmentService/SetEnvironmentVariables': [
    'environment.updated',
    (environment) => ({ environment, set: { A: 'b' } }),
  ],
  'EnvironmentService/DeleteEnvironment': ['environment.deleted', (environment) => ({ environment })],
  'WorkflowService/CreateWorkflow': ['workflow.created', () => ({ workflow: { ...named, steps } })],
  'WorkflowService/UpdateWorkflow': ['workflow.updated', (workflow) => ({ workflow, ...patch })],
  'WorkflowService/RollbackWorkflow': ['workflow.rolled_back', (workflow) => ({ workflow, version: '1' })],
  'WorkflowService/DeleteWorkflow': ['workflow.deleted', (workflow) => ({ workflow })],
  'ProjectService/CreateProject': ['project.created', () => ({ project: named })],
  'ProjectService/UpdateProject': ['project.updated', (project) => ({ project, ...patch })],
  'ProjectService/PauseProject': ['project.paused', (project) => ({ project })],
  'ProjectService/ResumeProject': ['project.resumed', (project) => ({ project })],
  'ApiKeyService/CreateApiKey': ['api_key.created', () => ({ apiKey: { ...named, scopes: ['jobs:read'] } })],
  'ApiKeyService/UpdateApiKey': [
    'api_key.updated',
    (key) => ({ key, apiKey: patch.patch, updateMask: 'name' }),
  ],
  'ApiKeyService/RotateApiKey': ['api_key.rotated', (key) => ({ key })],
  'ApiKeyService/RevokeApiKey': ['api_key.revoked', (key) => ({ key })],
}

test('there is a call of every method that changes something', () => {
  expect(Object.keys(calls).toSorted()).toEqual(changing.map(pathOf).toSorted())
})

test('every change of a job may be only checked', () => {
  const ofJobs = changing.filter(({ parent }) => parent.name === 'JobService')
  // Each item of this one says it itself.
  const others = ofJobs.filter((method) => !canCheck(method)).map(({ name }) => name)
  expect(others).toEqual(['BatchUpdateJobs'])
})

test('every method that changes something is told once in the audit log, by its caller, and to followers, or changes nothing', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const listener = await connectBus({ url: nats.url, name: 'listener' })
  onTestFinished(() => listener.close())
  const heard: string[] = []
  for (const kind of ['job', 'job_group', 'environment', 'project', 'workflow'] satisfies CatalogKind[])
    listener.subscribe(subjects.catalogChanged(kind), (bytes) => {
      heard.push(...fromBinary(CatalogChangedSchema, bytes).ids.map((id) => `${kind} ${id}`))
    })
  await listener.connection()?.flush()
  const app = await openApp({ NATS_URL: nats.url })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const { database, masterKey, db } = app.store
  const own = await makeKey(app, { scopes: ['admin'] })
  const operator = async () => (await bootstrapDeployment({ databaseUrl: database.url, masterKey })).apiKey
  const callers = { own: own.token, operator: await operator() }
  // Of these no entry can be written.
  const barred = { own: (await makeKey(app, { scopes: ['admin'] })).token, operator: await operator() }
  const actors = Object.values(barred).map((token) => actorOf(token))
  await runSql(
    database.url,
    `alter table catalog.audit_events add constraint barred check (actor not in ('${actors.join("', '")}'))`,
  )
  const rows = async () => {
    const lines = (await dump(app.store)).split('\n')
    // Entries are chained meanwhile.
    return lines.filter((line) => !line.startsWith('audit_')).join('\n')
  }
  const known = new Set<string>()
  const newEntries = async () => {
    const all = await db.selectFrom('audit_events').selectAll().execute()
    const fresh = all.filter(({ id }) => !known.has(id))
    for (const { id } of fresh) known.add(id)
    return fresh.map(({ action, actor, resource_id, before, after: now }) => ({
      action,
      actor,
      id: resource_id,
      states: [before, now].flatMap((text) => (text === null ? [] : [JSON.parse(text) as Json])),
    }))
  }

  await newEntries()
  const made = new Map<string, string>()
  const toHear: string[] = []
  for (const [path, [action, body]] of Object.entries(calls)) {
    const method = changing.find((each) => pathOf(each) === path)
    const service = path.split('/')[0] ?? ''
    const caller = service === 'ProjectService' ? 'operator' : 'own'
    const actor = actorOf(callers[caller])
    const ask = (token: string, more: Json = {}) =>
      app.post(path, { ...body(made.get(service) ?? ''), ...more }, { authorization: `Bearer ${token}` })
    const before = await rows()
    if (method !== undefined && canCheck(method)) {
      const checked = await ask(callers[caller], { validateOnly: true })
      expect(checked, `${path} ${JSON.stringify(checked.body)}`).toMatchObject({ status: 200 })
    }
    expect(JSON.stringify((await ask(barred[caller])).body), path).toMatch(/INTERNAL/)
    expect([await rows(), await newEntries()], path).toEqual([before, []])

    const answer = await ask(callers[caller])
    expect(answer, `${path} ${JSON.stringify(answer.body)}`).toMatchObject({ status: 200 })
    const told = await newEntries()
    expect(told, path).toMatchObject([{ action, actor }])
    const [entry] = told
    if (entry === undefined) continue
    if (!made.has(service)) made.set(service, entry.id)
    // What the body claims is in no state; who made a thing stays, and who changed it last is the caller.
    const { created_by, updated_by, created_at } = entry.states.at(-1) ?? {}
    expect([created_by, updated_by ?? actor, entry.id === claimed.id], path).toEqual([actor, actor, false])
    expect(String(created_at), path).not.toMatch(/^2001/)
    // Of keys other services hear by a word of its own.
    if (service !== 'ApiKeyService') toHear.push(`${action.split('.')[0]} ${entry.id}`)
  }
  // Whatever is told besides comes before the last of them.
  await waitFor(() => heard.length >= toHear.length, { what: 'the news of every change' })
  expect(heard.toSorted()).toEqual(toHear.toSorted())
})
