// The four services in one process: each with its own pools and role, behind one server. Calls between them go over loopback through the
// same doors as anybody's, so what works here works apart.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApp as createCatalog } from '@strait/catalog/app'
import { readConfig as readCatalogConfig } from '@strait/catalog/config'
import { createApp as createDispatcher } from '@strait/dispatcher/app'
import { readConfig as readDispatcherConfig } from '@strait/dispatcher/config'
import { createApp as createNotifier } from '@strait/notifier/app'
import { readConfig as readNotifierConfig } from '@strait/notifier/config'
import { MigrationError, migrateService } from '@strait/postgres/sql-migrations'
import { createApp as createScheduler } from '@strait/scheduler/app'
import { readConfig as readSchedulerConfig } from '@strait/scheduler/config'
import { apiPages } from '@strait/service-kit/api-pages'
import { databaseProblem } from '@strait/service-kit/database-part'
import { StartError } from '@strait/service-kit/listen'
import type { Part } from '@strait/service-kit/part'
import { createRpcServer } from '@strait/service-kit/rpc/rpc-server'
import { type App, type AppContext, rpcServerOptions } from '@strait/service-kit/run-service'

type Env = Readonly<Record<string, string | undefined>>

/** The services and their server. */
export interface Composition {
  /** In the order of their start. */
  readonly parts: readonly Part[]
  ready(): boolean
}

/** Puts the services together; every one reads the same environment. */
export function composeServices(env: Env, port: number, context: AppContext): Composition {
  const shared = valuesOf('catalog', readCatalogConfig(env))
  const catalog = createCatalog(shared, context)
  const apps: readonly App[] = [
    catalog,
    createScheduler(valuesOf('scheduler', readSchedulerConfig(env)), context),
    createDispatcher(valuesOf('dispatcher', readDispatcherConfig(env)), context),
    createNotifier(valuesOf('notifier', readNotifierConfig(env)), context),
  ]
  const ready = () => apps.every((app) => app.ready())
  const server = createRpcServer({
    ...rpcServerOptions({ ...shared, port }, context),
    services: apps.flatMap((app) => app.services),
    keys: catalog.keys,
    pages: apiPages(),
    ready,
  })
  return {
    // The server is open before anybody calls: the services find each other at once, and it closes after they have stopped.
    parts: [server, ...apps.flatMap((app) => app.parts)],
    ready,
  }
}

/** Brings the schema of every service up to date. */
export async function migrateServices(url: string): Promise<void> {
  for (const service of ['catalog', 'scheduler', 'dispatcher', 'notifier']) {
    const source = dirname(fileURLToPath(import.meta.resolve(`@strait/${service}/app`)))
    try {
      await migrateService({ url, service, folder: join(source, '..', 'migrations') })
    } catch (cause) {
      const problem = cause instanceof MigrationError ? cause.message : databaseProblem(service, cause)
      if (problem === undefined) throw cause
      throw new StartError(problem, { cause })
    }
  }
}

function valuesOf<V>(
  service: string,
  read: { ok: true; values: V } | { ok: false; problems: readonly string[] },
): V {
  if (read.ok) return read.values
  throw new StartError(`${service}: ${read.problems.join('; ')}`)
}
