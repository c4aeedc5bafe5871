import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@strait/testkit/free-port'
import { spawnProgram } from '@strait/testkit/spawn-program'
import { inject } from 'vitest'
import { deployFolder } from '../places.ts'

/** The configuration that the manifests and the compose file give to NATS. */
export const natsConf = join(deployFolder, 'kubernetes/base/nats.conf')

/** Starts a nats-server with that configuration. */
export async function startNats() {
  const { natsServer, folder } = inject('testRun')
  if (natsServer === undefined) throw new Error('a nats-server to run with nats.conf is not installed')
  const store = mkdtempSync(join(folder, 'nats-conf-'))
  const [port, monitor] = [await freePort(), await freePort()]
  // Where it would meet other servers of this machine, the command line has the last word.
  const here = ['--addr', '127.0.0.1', '--port', `${port}`, '--http_port', `${monitor}`, '--store_dir', store]
  const monitorUrl = `http://127.0.0.1:${monitor}`
  const server = await spawnProgram({
    name: 'nats-server',
    command: [natsServer, '--config', natsConf, ...here],
    cwd: '/',
    env: {},
    readyUrl: `${monitorUrl}/healthz`,
  })
  return Object.assign(server, { url: `nats://127.0.0.1:${port}`, monitorUrl })
}
