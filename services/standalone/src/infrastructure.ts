// Postgres and NATS: those that were named, or children of this process with their data in the data folder.

import { join } from 'node:path'
import { EmbeddedError } from '@strait/embedded/embedded-error'
import type { EmbeddedServer } from '@strait/embedded/run-server'
import { startNats } from '@strait/embedded/start-nats'
import { startPostgres } from '@strait/embedded/start-postgres'
import { StartError } from '@strait/service-kit/listen'
import type { Part } from '@strait/service-kit/part'
import { requireNats } from './require-nats.ts'

/** Postgres and NATS as a part; their addresses are there once it has started. */
export function createInfrastructure(options: {
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly natsUrl: string | undefined
  readonly log: (line: string) => void
  /** Gives up a start under way. */
  readonly signal: AbortSignal
  /** One of the children ended by itself. */
  readonly onLost: (what: string) => void
}): Part & { databaseUrl(): string; natsUrl(): string } {
  const { dataDir, log, signal } = options
  let databaseUrl = options.databaseUrl
  let natsUrl = options.natsUrl
  const children: EmbeddedServer[] = []
  let stopping = false

  async function boot(what: string, start: () => Promise<EmbeddedServer>): Promise<string> {
    const server = await start().catch((cause: unknown) => {
      throw cause instanceof EmbeddedError ? new StartError(cause.message, { cause }) : cause
    })
    children.push(server)
    void server.exited.then(() => stopping || options.onLost(what))
    return server.url
  }

  return {
    name: 'infrastructure',
    databaseUrl: () => databaseUrl ?? '',
    natsUrl: () => natsUrl ?? '',
    async start() {
      databaseUrl ??= await boot('Postgres', () =>
        startPostgres({ dataDir: join(dataDir, 'postgres'), log, signal }),
      )
      if (options.natsUrl !== undefined) await requireNats(options.natsUrl)
      natsUrl ??= await boot('nats-server', () => startNats({ dataDir: join(dataDir, 'nats'), log, signal }))
    },
    async stop() {
      stopping = true
      for (const child of children.reverse()) await child.stop()
      children.length = 0
    },
  }
}
