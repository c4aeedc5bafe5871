// What of the catalog's changes is in the audit log: each one once, with what was before and after, and nothing that is no change.

import { AuditService } from '@strait/contracts/catalog/v1/audit_service_pb'
import { waitFor } from '@strait/testkit/wait-for'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'
import { inMs, makeKey, update } from './key-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

/** What the log says of a thing, oldest first. */
async function said(resourceId: string, apiKey = app.store.apiKey) {
  const { auditEvents } = await app.client(AuditService, apiKey).listAuditEvents({ resourceId })
  return auditEvents.reverse().map(({ actor, action, resourceType, before, after }) => ({
    actor,
    action,
    resourceType,
    before: before === '' ? undefined : JSON.parse(before),
    after: after === '' ? undefined : JSON.parse(after),
  }))
}

/** A key as REST shows it. */
async function shown(key: string) {
  const headers = { authorization: `Bearer ${app.store.apiKey}` }
  return (await fetch(`${app.baseUrl}/v1/api-keys/${key}`, { headers })).json()
}

test('of a key everything that happens to it is told, by whom, before and after, as it is shown', async () => {
  const manager = await makeKey(app, { scopes: ['admin'] })
  const by = `apikey:${manager.key.id}`
  const { key, token } = await makeKey(app, {}, manager.keys)
  const states = [undefined, await shown(key.id)]
  await update(app, key.id, { name: 'new', expiresAt: inMs(60_000) }, undefined, undefined, manager.keys)
  states.push(await shown(key.id))
  const rotated = await manager.keys.rotateApiKey({ key: key.id })
  states.push(await shown(key.id))
  await manager.keys.revokeApiKey({ key: key.id })
  states.push(await shown(key.id))
  const entries = await said(key.id)
  expect(entries).toEqual(
    ['created', 'updated', 'rotated', 'revoked'].map((change, nth) => ({
      actor: by,
      action: `api_key.${change}`,
      resourceType: 'api_key',
      before: states[nth],
      after: states[nth + 1],
    })),
  )
  for (const secret of [token, rotated.token])
    expect(JSON.stringify(entries)).not.toContain(secret.split('_')[2])
})

test('what changes nothing, or is refused, is in no entry', async () => {
  const { key } = await makeKey(app)
  await update(app, key.id, key, ['name', 'expires_at'])
  await refusalOf(update(app, key.id, { name: 'x' }, undefined, 'rev_9'))
  await app.keys.revokeApiKey({ key: key.id })
  await app.keys.revokeApiKey({ key: key.id })
  await refusalOf(app.keys.rotateApiKey({ key: key.id }))
  expect((await said(key.id)).map(({ action }) => action)).toEqual(['api_key.created', 'api_key.revoked'])
  const before = await app.countRows()
  await refusalOf(app.keys.createApiKey({ apiKey: { name: '', scopes: [] } }))
  await app.jobs.createJob({ job: aJob, validateOnly: true })
  await refusalOf(app.jobs.createJob({ job: { ...aJob, endpointUrl: 'nowhere' } }))
  expect(await app.countRows()).toBe(before)
})

test('of changes side by side each is told once, and each begins where the one before ended', async () => {
  const { key } = await makeKey(app)
  await Promise.all([
    ...Array.from({ length: 8 }, (_, nth) => update(app, key.id, { name: `name ${nth}` })),
    ...Array.from({ length: 4 }, () => app.keys.rotateApiKey({ key: key.id })),
  ])
  const revoked = await Promise.all(Array.from({ length: 5 }, () => app.keys.revokeApiKey({ key: key.id })))
  expect(new Set(revoked.map(({ apiKey }) => apiKey?.etag)).size).toBe(1)
  const entries = await said(key.id)
  expect(entries.filter(({ action }) => action === 'api_key.revoked')).toHaveLength(1)
  const ordered = entries.sort((a, b) => revisionOf(a.after) - revisionOf(b.after))
  expect(ordered.map(({ after }) => revisionOf(after))).toEqual(ordered.map((_, nth) => nth + 1))
  for (const [nth, { before }] of ordered.entries()) {
    if (nth === 0) expect(before).toBeUndefined()
    else expect(before).toEqual(ordered[nth - 1]?.after)
  }
})

function revisionOf({ etag }: { readonly etag: string }): number {
  return Number(etag.replace('rev_', ''))
}

test('a job that is made is told as it is shown, its JSON byte for byte, without its secret', async () => {
  const job = { ...aJob, slug: 'told', cronPayload: '{"n": 1.0}', webhookUrl: 'https://example.com/told' }
  const made = await app.jobs.createJob({
    job: { ...job, webhookSecret: 'whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnk=' },
  })
  const headers = { authorization: `Bearer ${app.store.apiKey}` }
  const answer = await fetch(`${app.baseUrl}/v1/jobs/told`, { headers })
  const id = made.job!.id
  const { auditEvents } = await app.client(AuditService, app.store.apiKey).listAuditEvents({ resourceId: id })
  expect(auditEvents).toHaveLength(1)
  expect(auditEvents[0]).toMatchObject({
    action: 'job.created',
    resourceType: 'job',
    actor: made.job?.createdBy,
    before: '',
    after: await answer.text(),
  })
  expect(auditEvents[0]?.after).toContain('"cron_payload":{"n": 1.0}')
  expect(auditEvents[0]?.after).not.toMatch(/whsec|"webhook_secret"/)
})

test('of creates with one slug at once, only the one that got it is told', async () => {
  const before = await app.countRows()
  const job = { ...aJob, slug: 'raced' }
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => app.jobs.createJob({ job })))
  const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.job!.id] : []))
  expect(made).toHaveLength(1)
  expect((await said(made[0]!)).map(({ action }) => action)).toEqual(['job.created'])
  expect(await app.countRows()).toBe(before + 3)
})

test('the bootstrap command tells of the project that it makes, once, and of every key', async () => {
  const { database, masterKey } = app.store
  const make = () =>
    bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'told', projectName: 'Größe 😀' })
  const [first, second] = [await make(), await make()]
  const { auditEvents } = await app.client(AuditService, first.apiKey).listAuditEvents({})
  expect(auditEvents.reverse().map(({ action, resourceId, actor }) => [action, resourceId, actor])).toEqual([
    ['project.created', first.projectId, 'system:bootstrap'],
    ['api_key.created', first.apiKey.split('_')[1], 'system:bootstrap'],
    ['api_key.created', second.apiKey.split('_')[1], 'system:bootstrap'],
  ])
  expect(JSON.parse(auditEvents[0]!.after)).toMatchObject({
    name: 'Größe 😀',
    slug: 'told',
    egress_allow: [],
  })
  expect(JSON.parse(auditEvents[1]!.after)).toEqual(await shownTo(first.apiKey, first.apiKey.split('_')[1]!))
})

async function shownTo(apiKey: string, key: string) {
  const headers = { authorization: `Bearer ${apiKey}` }
  return (await fetch(`${app.baseUrl}/v1/api-keys/${key}`, { headers })).json()
}

test('a change is chained by itself soon after, and the whole log holds', async () => {
  const audit = app.client(AuditService, app.store.apiKey)
  const { key } = await makeKey(app)
  const chained = await waitFor(
    async () => {
      const { auditEvents } = await audit.listAuditEvents({ resourceId: key.id })
      return auditEvents[0]!.position > 0n && auditEvents[0]
    },
    { what: 'the entry to be chained', timeoutMs: 20_000 },
  )
  const { intact, verified, hash } = await audit.verifyAudit({})
  expect(intact).toBe(true)
  expect(verified).toBeGreaterThanOrEqual(chained.position)
  if (verified === chained.position) expect(hash).toBe(chained.hash)
})
