import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNatsServer } from './find-nats-server.ts'
import { type EmbeddedServer, runServer, type ServerOptions } from './run-server.ts'
import { prepareDataDir } from './writable-folder.ts'

export interface NatsOptions extends ServerOptions {
  /** The nats-server to run; found, and fetched if need be, when absent. */
  readonly natsServer?: string | undefined
}

/** Where a fetched nats-server is kept: with the other things that an install fetched. */
export const natsCacheDir = fileURLToPath(new URL('../../../node_modules/.cache/strait', import.meta.url))

/** Runs a nats-server of our own with JetStream on 127.0.0.1; its store is kept between starts. */
export async function startNats(options: NatsOptions): Promise<EmbeddedServer> {
  const dataDir = prepareDataDir(options.dataDir)
  const binary = options.natsServer ?? (await findNatsServer(natsCacheDir, options))
  const mark = ['--jetstream', '--store_dir', dataDir, '--addr', '127.0.0.1']
  const name = `strait-${randomBytes(6).toString('hex')}`
  return await runServer({
    ...options,
    dataDir,
    label: 'nats-server',
    program: basename(binary),
    mark: mark.join(' '),
    async prepare() {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    },
    command: (port) => ({ file: binary, args: [...mark, '--port', String(port), '--name', name] }),
    isReady: async (_pid, port) => (await readServerName(port)) === name,
    url: (port) => `nats://127.0.0.1:${port}`,
  })
}

/** A nats-server greets each connection with `INFO {…}`: its name tells ours from another one on that port. */
function readServerName(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let greeting = ''
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 })
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      greeting += text
      if (greeting.includes('\r\n')) socket.destroy()
    })
    for (const trouble of ['timeout', 'error']) socket.on(trouble, () => socket.destroy())
    socket.on('close', () => resolve(/"server_name":"([^"]*)"/.exec(greeting)?.[1]))
  })
}
