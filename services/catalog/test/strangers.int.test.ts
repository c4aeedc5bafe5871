// What another project has is answered as what nobody has: the same status and the same words, whatever method is asked and however the
// thing is named. The methods and the fields that name things are found in the schema, so that no new one is forgotten.

import type { DescMethod } from '@bufbuild/protobuf'
import { ownerOf, publicServices } from '@strait/contracts/public-services'
import { newUuidv7 } from '@strait/domain/ids'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { newApiKey } from '../src/new-api-key.ts'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'

type Json = Record<string, unknown>

/** One thing of the demo project by each of its names, beside names of the same shape that nobody has. */
type Names = Readonly<Record<string, readonly (readonly [theirs: string, nobodys: string])[]>>

let app: AppBundle
let stranger: string
let names: Names
let tokens: Readonly<Record<string, string>>
beforeAll(async () => {
  app = await openApp()
  const { database, masterKey, projectId } = app.store
  stranger = (await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'neighbour' })).apiKey
  const make = async (method: string, field: string, body: Json) => {
    const { status, body: answer } = await app.post(method, body)
    if (status !== 200) throw new Error(JSON.stringify(answer))
    return answer[field] as { readonly id: string; readonly slug: string; readonly versionId: string }
  }
  const named = ({ id, slug }: { id: string; slug: string }) =>
    [
      [id, newUuidv7()],
      [id.toUpperCase(), newUuidv7().toUpperCase()],
      [slug, `${slug.slice(0, -1)}x`],
    ] as const
  const two = async (method: string, field: string, body: (slug: string) => Json) => {
    await make(method, field, body('mine-0'))
    return make(method, field, body('mine-1'))
  }
  const step = { ref: 'only', job: { job: 'mine-1' } }
  const job = await two('JobService/CreateJob', 'job', (slug) => ({ job: { ...aJob, slug } }))
  const group = await two('JobGroupService/CreateJobGroup', 'jobGroup', (slug) => ({
    jobGroup: { name: 'Mine', slug },
  }))
  const environment = await two('EnvironmentService/CreateEnvironment', 'environment', (slug) => ({
    environment: { name: 'Mine', slug },
  }))
  const workflow = await two('WorkflowService/CreateWorkflow', 'workflow', (slug) => ({
    workflow: { name: 'Mine', slug, steps: [step] },
  }))
  const patch = { patch: { description: 'new' }, updateMask: 'description' }
  await make('JobService/UpdateJob', 'job', { job: job.id, ...patch })
  await make('WorkflowService/UpdateWorkflow', 'workflow', { workflow: workflow.id, ...patch })
  const key = await two('ApiKeyService/CreateApiKey', 'apiKey', () => ({
    apiKey: { name: 'mine', scopes: ['jobs:read'] },
  }))
  const { body } = await app.post('AuditService/ListAuditEvents', {})
  const [event] = body.auditEvents as { readonly id: string }[]
  names = {
    job: named(job),
    group: named(group),
    environment: named(environment),
    workflow: named(workflow),
    project: [...named({ id: projectId, slug: 'demo' })],
    key: [[key.id, newApiKey().id]],
    audit_event: [[event?.id ?? '', newUuidv7()]],
  }
  tokens = Object.fromEntries(
    await Promise.all(
      lists.map(async (method) => {
        const { body: page } = await app.post(pathOf(method), { ...place(method), pageSize: 1 })
        return [method.name, String(page.nextPageToken)]
      }),
    ),
  )
})
afterAll(() => app[Symbol.asyncDispose]())

const methods = publicServices
  .filter((service) => ownerOf(service) === 'catalog')
  .flatMap((service) => service.methods.filter(({ methodKind }) => methodKind === 'unary'))
// Projects are listed for whoever operates the deployment alone.
const lists = methods.filter(
  ({ name, input }) => name !== 'ListProjects' && input.fields.some((field) => field.name === 'page_token'),
)

const pathOf = ({ parent, name }: DescMethod) => `${parent.name}/${name}`
const kinds = new Set(['job', 'group', 'environment', 'workflow', 'key', 'project', 'audit_event'])
/** What a request names itself; one that makes a thing has it whole, and names none. */
const kindOf = ({ input }: DescMethod) =>
  input.fields.find(({ name, fieldKind }) => kinds.has(name) && fieldKind === 'scalar')?.name

/** What a request names besides, so that it gets as far as the look-up. */
const besides: Readonly<Record<string, Json>> = {
  UpdateJob: { patch: { description: 'taken' }, updateMask: 'description' },
  UpdateJobGroup: { patch: { description: 'taken' }, updateMask: 'description' },
  UpdateEnvironment: { patch: { description: 'taken' }, updateMask: 'description' },
  UpdateWorkflow: { patch: { description: 'taken' }, updateMask: 'description' },
  UpdateProject: { patch: { name: 'taken' }, updateMask: 'name' },
  UpdateApiKey: { apiKey: { name: 'taken' }, updateMask: 'name' },
  SetEnvironmentVariables: { set: { A: 'b' } },
  RollbackJob: { version: '1' },
  RollbackWorkflow: { version: '1' },
  GetJobVersion: { version: '1' },
  GetWorkflowVersion: { version: '1' },
}

/** What a list is asked of, where it is one of something. */
function place(method: DescMethod): Json {
  const kind = kindOf(method)
  return kind === undefined || method.name === 'ListJobs' ? {} : { [kind]: names[kind]?.[0]?.[0] }
}

/** Asks as the stranger; the name that was asked by is nothing that tells. */
async function ask(path: string, body: Json, name: string) {
  const { status, body: answer } = await app.post(path, body, { authorization: `Bearer ${stranger}` })
  const { details, ...told } = answer
  const texts = (details as { debug?: unknown }[] | undefined)?.map(({ debug }) => debug)
  return { status, told: JSON.stringify([told, texts]).replaceAll(name, '<name>') }
}

async function expectNobodys(path: string, bodyOf: (name: string) => Json, kind: string) {
  const pairs = names[kind] ?? []
  expect(pairs.length).toBeGreaterThan(0)
  for (const [theirs, nobodys] of pairs) {
    const answer = await ask(path, bodyOf(theirs), theirs)
    expect(answer, `${path} ${theirs}`).toEqual(await ask(path, bodyOf(nobodys), nobodys))
    expect([400, 404], `${path} ${answer.told}`).toContain(answer.status)
  }
}

test.each(methods.filter((method) => kindOf(method) !== undefined && method.name !== 'ListJobs').map(pathOf))(
  '%s does not say whether another project has such a thing, and leaves it alone',
  async (path) => {
    const method = methods.find((each) => pathOf(each) === path) as DescMethod
    const kind = kindOf(method) ?? ''
    const before = await app.countRows()
    await expectNobodys(path, (name) => ({ [kind]: name, ...besides[method.name] }), kind)
    await expectNobodys(
      path,
      (name) => ({ [kind]: name, ...besides[method.name], ...(canCheck(method) && { validateOnly: true }) }),
      kind,
    )
    expect(await app.countRows()).toBe(before)
  },
)

const canCheck = ({ input }: DescMethod) => input.fields.some(({ name }) => name === 'validate_only')

/** Requests whose bodies name something. */
const bodies: readonly (readonly [path: string, kind: string, body: (name: string) => Json])[] = [
  ['JobService/CreateJob', 'group', (groupId) => ({ job: { ...aJob, groupId } })],
  ['JobService/CreateJob', 'environment', (environmentId) => ({ job: { ...aJob, environmentId } })],
  ['JobService/CreateJob', 'project', (projectId) => ({ job: { ...aJob, projectId } })],
  ['JobService/ListJobs', 'group', (group) => ({ group })],
  ['JobService/ListJobs', 'environment', (environment) => ({ environment })],
  [
    'EnvironmentService/CreateEnvironment',
    'environment',
    (parentId) => ({ environment: { name: 'E', parentId } }),
  ],
  [
    'EnvironmentService/CreateEnvironment',
    'project',
    (projectId) => ({ environment: { name: 'E', projectId } }),
  ],
  ['JobGroupService/CreateJobGroup', 'project', (projectId) => ({ jobGroup: { name: 'G', projectId } })],
  [
    'WorkflowService/CreateWorkflow',
    'project',
    (projectId) => ({ workflow: { name: 'W', projectId, steps: [{ ref: 'a', job: { job: 'b' } }] } }),
  ],
]

test.each(bodies)(
  '%s does not say whether another project has the %s in its body',
  async (path, kind, body) => {
    const before = await app.countRows()
    await expectNobodys(path, body, kind)
    expect(await app.countRows()).toBe(before)
  },
)

test('a page token is good for the list that it is of and for no other, of this project or another', async () => {
  for (const [from, pageToken] of Object.entries(tokens)) {
    expect(pageToken, from).not.toBe('')
    for (const method of lists) {
      const own = await app.post(pathOf(method), { ...place(method), pageToken })
      expect(own.status, `${from} → ${method.name}`).toBe(from === method.name ? 200 : 400)
      const half = await app.post(pathOf(method), {
        ...place(method),
        pageToken: pageToken.slice(0, pageToken.length / 2),
      })
      expect(half.status).toBe(400)
      const authorization = `Bearer ${stranger}`
      const { status } = await app.post(pathOf(method), { ...place(method), pageToken }, { authorization })
      expect([400, 404], `${from} → ${method.name}`).toContain(status)
    }
  }
})
