import { createLog } from '@strait/service-kit/log'
import { startParts, stopParts } from '@strait/service-kit/part'
import { createTelemetry } from '@strait/service-kit/telemetry'
import { freePort } from '@strait/testkit/free-port'
import { createTestDatabase } from '@strait/testkit/test-database'
import { expect, test } from 'vitest'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'

async function anApp(databaseUrl: string) {
  const nowhere = `127.0.0.1:${await freePort()}`
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    NATS_URL: `nats://${nowhere}`,
    STRAIT_CATALOG_URL: `http://${nowhere}`,
    STRAIT_DISPATCHER_URL: `http://${nowhere}`,
    STRAIT_SERVICE_TOKEN: 'a-token-of-enough-length',
  })
  if (!config.ok) throw new Error(config.problems.join('; '))
  return createApp(config.values, { log: createLog('notifier', 'silent'), telemetry: createTelemetry() })
}

test('the notifier starts without NATS and without its peers, and stops leaving nothing behind', async () => {
  await using database = await createTestDatabase()
  const app = await anApp(database.url)
  expect(app.ready()).toBe(false)
  await startParts(app.parts)
  expect(app.ready()).toBe(true)
  await stopParts(app.parts)
  expect(app.ready()).toBe(false)
})

test('without Postgres the notifier says what to do', async () => {
  const app = await anApp(`postgres://127.0.0.1:${await freePort()}/none`)
  await expect(startParts(app.parts)).rejects.toThrow('start it or mend DATABASE_URL')
  await stopParts(app.parts)
})
