/** A whole Postgres of its own, for tests that kill it. */
import { join } from 'node:path'
import { removeFolder } from '@strait/embedded/remove-folder'
import { startPostgres } from '@strait/embedded/start-postgres'
import { inject } from 'vitest'
import { freePort } from './free-port.ts'
import { migrateAll } from './migrate-all.ts'
import { createServerFolder, testSettings } from './test-run.ts'

export interface TestPostgres extends AsyncDisposable {
  /** A superuser's URL of a migrated database; the same after a restart. */
  readonly url: string
  readonly port: number
  /** The process of now. */
  pid(): number
  /** kill -9 of the server; nobody is told and nothing is flushed. */
  kill(): Promise<void>
  /** Stops it if it runs and starts it again with the same data, on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Starts a Postgres with a migrated database. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = createServerFolder(inject('testRun').folder, 'postgres')
  const dataDir = join(folder, 'data')
  const port = await freePort()
  let server = await startPostgres({ dataDir, port, settings: testSettings })
  const { url } = server
  await migrateAll(url)
  const stop = async () => {
    await server.stop()
    removeFolder(folder)
  }
  return {
    url,
    port,
    pid: () => server.pid,
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    async restart() {
      await server.stop()
      server = await startPostgres({ dataDir, port, settings: testSettings })
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
