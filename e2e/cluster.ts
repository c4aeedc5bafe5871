// The whole of Strait as it runs in production: each service a process of its own, over a real Postgres and a real NATS. Periods are
// five to ten times shorter than in production.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Client } from '@connectrpc/connect'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { freePort } from '@strait/testkit/free-port'
import { type SpawnedService, spawnService } from '@strait/testkit/spawn-service'
import { createTestDatabase } from '@strait/testkit/test-database'
import { startTestNats, type TestNats } from '@strait/testkit/test-nats'
import pg from 'pg'

const run = promisify(execFile)
const bootstrapMain = fileURLToPath(new URL('../services/catalog/src/bootstrap-main.ts', import.meta.url))

/** One process of a service, with where it listens. */
export interface Node extends SpawnedService {
  readonly url: string
}

/** A running cluster. */
export interface Cluster extends AsyncDisposable {
  readonly databaseUrl: string
  readonly nats: TestNats
  /** Reads and breaks into the database as its superuser. */
  readonly sql: pg.Pool
  readonly catalog: Node
  readonly dispatchers: readonly Node[]
  readonly apiKey: string
  readonly serviceToken: string
  readonly env: Readonly<Record<string, string>>
  readonly jobs: Client<typeof JobService>
  /** The runs as one dispatcher serves them; the first when not named. */
  runs(dispatcher?: Node): Client<typeof RunService>
  addDispatcher(env?: Readonly<Record<string, string>>): Promise<Node>
  /** A new project with a key of its own. */
  bootstrap(projectSlug: string): Promise<{ readonly projectId: string; readonly apiKey: string }>
  /** A new key of the deployment. */
  bootstrapDeployment(): Promise<string>
}

/** What a cluster begins with. */
export interface ClusterOptions {
  readonly dispatchers?: number
  readonly scheduler?: boolean
  readonly notifier?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Boots a cluster. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const stack = new AsyncDisposableStack()
  try {
    return await boot(options, stack)
  } catch (err) {
    await stack.disposeAsync()
    throw err
  }
}

async function boot(options: ClusterOptions, stack: AsyncDisposableStack): Promise<Cluster> {
  const database = stack.use(await createTestDatabase())
  const nats = stack.use(await startTestNats())
  const sql = stack.adopt(new pg.Pool({ connectionString: database.url, max: 4 }), (pool) => pool.end())
  sql.on('error', () => undefined)
  const serviceToken = randomBytes(24).toString('hex')
  const catalogPort = await freePort()
  const env: Record<string, string> = {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    HOST: '127.0.0.1',
    STRAIT_ENV: 'development',
    STRAIT_SERVICE_TOKEN: serviceToken,
    STRAIT_CATALOG_URL: `http://127.0.0.1:${catalogPort}`,
    CATALOG_MASTER_KEY: randomBytes(32).toString('base64'),
    DISPATCHER_LEASE_MS: '2000',
    DISPATCHER_SWEEP_MS: '100',
    DISPATCHER_RETRY_JITTER: '0',
    SCHEDULER_SWEEP_MS: '100',
    NOTIFIER_SWEEP_MS: '100',
    NOTIFIER_RETRY_DELAYS_SECS: '0.1,0.2,0.5,1,1,1',
    ...options.env,
  }
  const dispatcherPort = await freePort()
  env.STRAIT_DISPATCHER_URL = `http://127.0.0.1:${dispatcherPort}`

  const spawn = async (
    service: 'catalog' | 'scheduler' | 'dispatcher' | 'notifier',
    port: number,
    more = {},
  ): Promise<Node> => {
    const spawned = stack.use(
      await spawnService({ service, env: { ...own(service, env), PORT: String(port), ...more } }),
    )
    return Object.assign(spawned, { url: `http://127.0.0.1:${port}` })
  }
  const runBootstrap = async (...args: readonly string[]) => {
    const { stdout } = await run(process.execPath, [bootstrapMain, ...args], {
      env: { ...env, PATH: process.env.PATH },
    })
    const apiKey = /strait_[0-9a-z]+_[0-9A-Za-z]+/.exec(stdout)?.[0] ?? ''
    const projectId = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(stdout)?.[0] ?? ''
    return { apiKey, projectId }
  }
  const bootstrap = (projectSlug: string) => runBootstrap('--project', projectSlug)

  const dispatchers: Node[] = []
  const addDispatcher = async (more: Readonly<Record<string, string>> = {}, port?: number) => {
    const dispatcher = await spawn('dispatcher', port ?? (await freePort()), more)
    dispatchers.push(dispatcher)
    return dispatcher
  }
  // Nobody waits for anybody: every service starts with its peers absent.
  const [catalog, { apiKey }] = await Promise.all([
    spawn('catalog', catalogPort),
    bootstrap('demo'),
    options.scheduler === false ? undefined : spawn('scheduler', await freePort()),
    options.notifier === false ? undefined : spawn('notifier', await freePort()),
    ...Array.from({ length: options.dispatchers ?? 1 }, (_, i) =>
      addDispatcher({}, i === 0 ? dispatcherPort : undefined),
    ),
  ])

  return {
    databaseUrl: database.url,
    nats,
    sql,
    catalog,
    dispatchers,
    apiKey,
    serviceToken,
    env,
    jobs: createServiceClient(JobService, { baseUrl: catalog.url, bearer: apiKey }),
    runs: (dispatcher = dispatchers[0] as Node) =>
      createServiceClient(RunService, { baseUrl: dispatcher.url, bearer: apiKey, timeoutMs: 'none' }),
    addDispatcher,
    bootstrap,
    bootstrapDeployment: async () => (await runBootstrap('--deployment')).apiKey,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** A service's environment: the shared variables and its own; another's would be refused. */
function own(service: string, env: Readonly<Record<string, string>>): Record<string, string> {
  const others = ['CATALOG', 'SCHEDULER', 'DISPATCHER', 'NOTIFIER'].filter(
    (name) => name !== service.toUpperCase(),
  )
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !others.some((other) => name.startsWith(`${other}_`))),
  )
}
