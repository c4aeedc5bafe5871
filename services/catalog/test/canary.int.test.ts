// What is given in confidence comes out nowhere: not in an answer of any method, found in the schema so that no new one is forgotten; not
// in a line of the log, a message over NATS, a version, an entry of the audit log, or any other row. What is looked for is in canary-kinds.ts.

import type { DescField, DescMethod } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { ownerOf, publicServices } from '@strait/contracts/public-services'
import { settled } from '@strait/testkit/settled'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { changes, disguisesOf, type Known, kinds, made } from './canary-kinds.ts'
import { aStore, dump, startCatalog } from './spawned-catalog.ts'

const services = [
  ...publicServices.filter((service) => ownerOf(service) === 'catalog'),
  CatalogInternalService,
]
const methods = services.flatMap((service) =>
  service.methods.filter(({ methodKind }) => methodKind === 'unary'),
)

const nameOf = ({ parent, name }: DescMethod) => `${parent.name}/${name}`
// Reading is IDEMPOTENCY NO_SIDE_EFFECTS in the schema.
const reads = (method: DescMethod) => method.idempotency === 1
const ends = ({ name }: DescMethod) => /^(?:Delete|Revoke)/.test(name)

/** A question with every field that something is known for. */
function fill(fields: readonly DescField[], known: Known): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field): [string, unknown][] => {
      const value = known[field.name]
      if (field.fieldKind === 'list' && field.message !== undefined)
        return field.name === 'refs' ? [[field.name, [fill(field.message.fields, known)]]] : []
      if (field.fieldKind === 'list') return Array.isArray(value) ? [[field.name, value]] : []
      if (field.fieldKind !== 'scalar') return []
      if (field.name === 'version' && field.scalar !== 9) return [[field.name, 1]]
      return typeof value === 'string' ? [[field.name, value]] : []
    }),
  )
}

test('no secret is in an answer, a line of the log, a message or a row', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const listener = await connectBus({ url: nats.url, name: 'listener' })
  onTestFinished(() => listener.close())
  const messages: string[] = []
  listener.subscribe('>', (bytes) => messages.push(Buffer.from(bytes).toString('latin1')))
  await listener.connection()?.flush()
  const store = await aStore()
  const { catalog, ask } = await startCatalog(store, { NATS_URL: nats.url, CATALOG_AUDIT_CHAIN_MS: '20' })

  const secrets: { readonly secret: string; readonly givenBy: readonly string[] }[] = []
  const known: Known = { project: store.projectId, project_id: store.projectId }
  for (const { plant, givenBy } of kinds) {
    const planted = await plant(ask)
    secrets.push(...planted.secrets.map((secret) => ({ secret, givenBy })))
    for (const [name, value] of Object.entries(planted.known)) {
      const before = known[name]
      known[name] = Array.isArray(value) && Array.isArray(before) ? [...before, ...value] : value
    }
  }
  await settled(store.database.url)
  const chained = await waitFor(
    async () => {
      const { auditEvents } = await made(ask, 'AuditService/ListAuditEvents', {})
      return auditEvents[0].position !== undefined && auditEvents
    },
    { what: 'the newest entry to be chained' },
  )
  known.audit_event = chained[0].id

  const answers: { readonly name: string; readonly status: number; readonly text: string }[] = []
  const askFor = async (name: string, body: object) => answers.push({ name, ...(await ask(name, body)) })
  const askAll = async (those: (method: DescMethod) => boolean) => {
    for (const method of methods.filter(those)) await askFor(nameOf(method), fill(method.input.fields, known))
  }
  await askAll(reads)
  for (const [name, body] of changes) await askFor(name, body(known))
  await askAll((method) => !reads(method) && !ends(method))
  await askAll((method) => !reads(method) && ends(method))
  await askAll(reads)

  // Every method was asked, and what shows most answered with something.
  expect(new Set(answers.map(({ name }) => name))).toEqual(new Set(methods.map(nameOf)))
  const answered = new Set(answers.filter(({ status }) => status === 200).map(({ name }) => name))
  expect([...answered]).toEqual(
    expect.arrayContaining([
      'ApiKeyService/GetApiKey',
      'ApiKeyService/ListApiKeys',
      'ApiKeyService/RevokeApiKey',
      'ApiKeyService/RotateApiKey',
      'ApiKeyService/UpdateApiKey',
      'AuditService/GetAuditEvent',
      'AuditService/ListAuditEvents',
      'AuditService/VerifyAudit',
      'CatalogInternalService/GetEnvironmentValues',
      'CatalogInternalService/GetJobVersions',
      'CatalogInternalService/GetWebhookSecrets',
      'CatalogInternalService/VerifyKeys',
      'EnvironmentService/GetEnvironment',
      'EnvironmentService/ListEnvironments',
      'EnvironmentService/UpdateEnvironment',
      'JobService/CreateJob',
      'JobService/GetJob',
    ]),
  )
  expect(answers.filter(({ text }) => text.includes('INTERNAL'))).toEqual([])

  const rows = await dump(store)
  for (const table of ['job_versions', 'audit_events', 'api_keys', 'job_secrets', 'environments'])
    expect(rows).toMatch(new RegExp(`^${table} `, 'm'))
  expect(await catalog.stop()).toBe(0)
  expect(messages.length).toBeGreaterThan(0)
  expect(secrets.length).toBeGreaterThanOrEqual(kinds.length)
  for (const { secret, givenBy } of secrets) {
    for (const disguise of disguisesOf(secret)) {
      for (const { name, text } of answers)
        if (!givenBy.includes(name)) expect(text, name).not.toContain(disguise)
      expect(catalog.output(), 'the log').not.toContain(disguise)
      expect(messages.join('\n'), 'the messages').not.toContain(disguise)
      expect(rows, 'the rows').not.toContain(disguise)
    }
    for (const name of givenBy)
      expect(
        answers.some((answer) => answer.name === name && answer.text.includes(secret)),
        name,
      ).toBe(true)
  }
})
