/** A nats-server of its own with its own JetStream store, for one test. */
import { join } from 'node:path'
import { removeFolder } from '@strait/embedded/remove-folder'
import { startNats } from '@strait/embedded/start-nats'
import { inject } from 'vitest'
import { freePort } from './free-port.ts'
import { createServerFolder } from './test-run.ts'

export interface TestNats extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Stops it if it runs and starts it again with the same store, on the same port. */
  restart(): Promise<void>
  /** kill -9; `restart` brings it back. */
  kill(): Promise<void>
  /** Deletes the store: every stream, consumer and message is gone when it is back on the same port. */
  wipe(): Promise<void>
  stop(): Promise<void>
}

/** Starts a nats-server; where none is installed, it is the one of NATS_URL, which tests cannot stop. */
export async function startTestNats(): Promise<TestNats> {
  const { folder: runFolder, natsServer, natsUrl } = inject('testRun')
  if (natsUrl) return foreignNats(natsUrl)
  const folder = createServerFolder(runFolder, 'nats')
  const dataDir = join(folder, 'data')
  const port = await freePort()
  let server = await startNats({ dataDir, natsServer, port })
  const { url } = server
  const startAgain = async () => {
    server = await startNats({ dataDir, natsServer, port })
  }
  const stop = async () => {
    await server.stop()
    removeFolder(folder)
  }
  return {
    url,
    port,
    async restart() {
      await server.stop()
      await startAgain()
    },
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    async wipe() {
      await server.stop()
      removeFolder(dataDir)
      await startAgain()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function foreignNats(url: string): TestNats {
  const refuse = async () => {
    throw new Error(
      'the nats-server of NATS_URL is not ours to stop: install nats-server for tests that restart it',
    )
  }
  const leave = async () => undefined
  const port = Number(new URL(url).port || 4222)
  return { url, port, restart: refuse, kill: refuse, wipe: refuse, stop: leave, [Symbol.asyncDispose]: leave }
}
