/**
 * The ground the suite stands on: one Postgres with a migrated template database, and a nats-server to run. DATABASE_URL puts
 * a Postgres that runs already in its place, NATS_URL a NATS where no nats-server is installed.
 *
 * Killed at the worst moment: on a signal the test runner exits without a teardown, so the same cleaning is done at exit;
 * after a kill -9 the next run does it.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { findNatsServer } from '@strait/embedded/find-nats-server'
import { natsCacheDir } from '@strait/embedded/start-nats'
import { startPostgres } from '@strait/embedded/start-postgres'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { runSql, withDatabase } from './database-url.ts'
import { migrateAll } from './migrate-all.ts'
import { createRunFolder, removeRunFolder, type TestRun, testSettings } from './test-run.ts'

/** Makes the ground ready and returns the teardown. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = createRunFolder()
  const removeFolder = () => removeRunFolder(folder)
  process.once('exit', removeFolder)
  const teardowns = [async () => void process.off('exit', removeFolder), async () => removeFolder()]
  const teardown = async () => {
    for (const step of teardowns.splice(0).reverse()) await step()
  }
  try {
    const nats = await findNats((line) => project.vitest.logger.log(line))
    const postgresUrl = process.env.DATABASE_URL ?? (await startOwnPostgres(folder, teardowns))
    const template = await createTemplate(postgresUrl, teardowns)
    project.provide('testRun', { folder, postgresUrl, template, ...nats } satisfies TestRun)
    return teardown
  } catch (error) {
    await teardown()
    throw error
  }
}

type Teardowns = (() => Promise<void>)[]

/** Tests stop and wipe their nats-servers, so one to run is better than one that runs: NATS_URL only spares the fetching. */
async function findNats(log: (line: string) => void): Promise<Pick<TestRun, 'natsUrl' | 'natsServer'>> {
  const { NATS_URL } = process.env
  try {
    return { natsServer: await findNatsServer(natsCacheDir, { log, ...(NATS_URL ? { sources: [] } : {}) }) }
  } catch (error) {
    if (NATS_URL) return { natsUrl: NATS_URL }
    throw error
  }
}

async function startOwnPostgres(folder: string, teardowns: Teardowns): Promise<string> {
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), settings: testSettings })
  teardowns.push(server.stop)
  return server.url
}

async function createTemplate(postgresUrl: string, teardowns: Teardowns): Promise<string> {
  const template = `strait_test_${randomBytes(4).toString('hex')}`
  await runSql(postgresUrl, `create database ${template}`)
  teardowns.push(() => dropDatabases(postgresUrl, template))
  await migrateAll(withDatabase(postgresUrl, template))
  await runSql(postgresUrl, `alter database ${template} with is_template true allow_connections false`)
  return template
}

/** Leaves somebody else's Postgres as it was found, but for the roles, which may be in use by others. */
async function dropDatabases(postgresUrl: string, template: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl })
  await client.connect()
  try {
    await client.query(`alter database ${template} with is_template false`)
    const found = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [template],
    )
    for (const { datname } of found.rows) await client.query(`drop database ${datname} with (force)`)
  } finally {
    await client.end()
  }
}
