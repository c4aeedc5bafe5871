// Counts of a group. What stands in for the dispatcher is a server of its own that counts as it is told.

import { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import type { GroupId } from '@strait/domain/ids'
import { noKeys } from '@strait/service-kit/key-verifier'
import { createLog } from '@strait/service-kit/log'
import { Refusal } from '@strait/service-kit/refusal'
import { createRpcServer } from '@strait/service-kit/rpc/rpc-server'
import { partOfService } from '@strait/service-kit/rpc/rpc-service'
import { createTelemetry } from '@strait/service-kit/telemetry'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AppBundle, openApp, serviceToken } from './app-bundle.ts'
import { makeGroup } from './group-bundle.ts'
import { refusalOf } from './refusal.ts'
import { insertJob, insertJobsInGroup } from './store-bundle.ts'

const asked: string[][] = []
let isDown = false
const telemetry = createTelemetry()
const dispatcher = createRpcServer({
  host: '127.0.0.1',
  port: 0,
  services: [
    partOfService(DispatcherInternalService, {
      async countRuns({ jobIds }) {
        if (isDown) throw new Refusal('UNAVAILABLE', 'not now')
        asked.push(jobIds)
        return { counts: jobIds.map(() => ({ waiting: 2n, executing: 1n })) }
      },
    }),
  ],
  serviceTokens: [serviceToken],
  keys: noKeys,
  log: createLog('catalog', 'silent'),
  meter: telemetry.meter,
})

let app: AppBundle
beforeAll(async () => {
  await dispatcher.start()
  app = await openApp({ STRAIT_DISPATCHER_URL: `http://127.0.0.1:${dispatcher.port()}` })
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await dispatcher.stop()
  await telemetry.stop()
})
beforeEach(() => {
  asked.length = 0
  isDown = false
})

test('jobs are counted by what they are, runs as the dispatcher says; deleted jobs are not among them', async () => {
  const { db, projectId } = app.store
  const group = await makeGroup(app, 'Counted')
  const groupId = group.id as GroupId
  const job = (slug: string, over = {}) => insertJob(db, projectId, { slug, groupId, ...over })
  const ids = [
    await job('plain'),
    await job('disabled', { enabled: false }),
    await job('cron', { cron: '0 * * * *' }),
    await job('paused'),
  ]
  await sql`update jobs set paused_at = now() where slug = 'paused'`.execute(db)
  const gone = await job('deleted', { cron: '0 * * * *' })
  await sql`update jobs set deleted_at = now() where id = ${gone}`.execute(db)
  await insertJob(db, projectId, { slug: 'elsewhere' })
  expect(await app.groups.getJobGroupStats({ group: 'counted' })).toMatchObject({
    jobs: 4,
    enabledJobs: 3,
    pausedJobs: 1,
    cronJobs: 1,
    waitingRuns: 8n,
    executingRuns: 4n,
  })
  expect(asked).toEqual([ids.toSorted()])
})

test('a group without jobs has no runs, and nobody is asked', async () => {
  await makeGroup(app, 'Empty')
  expect(await app.groups.getJobGroupStats({ group: 'empty' })).toMatchObject({
    jobs: 0,
    waitingRuns: 0n,
    executingRuns: 0n,
  })
  expect(asked).toEqual([])
})

test('a large group is asked about in parts that the dispatcher takes', async () => {
  const { db, projectId } = app.store
  const group = await makeGroup(app, 'Huge')
  await insertJobsInGroup(db, { projectId, groupId: group.id, count: 10_001 })
  expect(await app.groups.getJobGroupStats({ group: 'huge' })).toMatchObject({
    jobs: 10_001,
    waitingRuns: 20_002n,
    executingRuns: 10_001n,
  })
  expect(asked.map((ids) => ids.length)).toEqual([10_000, 1])
})

test('while the dispatcher cannot be asked nothing is guessed', async () => {
  const group = await makeGroup(app, 'Unknown')
  await insertJob(app.store.db, app.store.projectId, { slug: 'unknown', groupId: group.id as GroupId })
  isDown = true
  expect(await refusalOf(app.groups.getJobGroupStats({ group: 'unknown' }))).toMatchObject({
    code: 'unavailable',
    reason: 'UNAVAILABLE',
  })
})
