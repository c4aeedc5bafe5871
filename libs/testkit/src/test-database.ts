/**
 * A database of its own for each test, cloned from the migrated template. Roles belong to the whole cluster, so they came
 * with the template. The template takes no connections, so a clone never waits for one to end, and clones need no queue:
 * eight at once take 12 ms each, one after the other 100. Copying files beats writing them to the log, 12 ms to 34.
 */
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { runSql, withDatabase } from './database-url.ts'
import './test-run.ts'

export interface TestDatabase extends AsyncDisposable {
  readonly url: string
  readonly name: string
  drop(): Promise<void>
}

/** Clones the template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { postgresUrl, template } = inject('testRun')
  const name = `${template}_${randomBytes(5).toString('hex')}`
  await runSql(postgresUrl, `create database ${name} template ${template} strategy file_copy`)
  const drop = () => runSql(postgresUrl, `drop database if exists ${name} with (force)`)
  return { url: withDatabase(postgresUrl, name), name, drop, [Symbol.asyncDispose]: drop }
}
