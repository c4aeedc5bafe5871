import type { DescService } from '@bufbuild/protobuf'
import type { Client } from '@connectrpc/connect'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { JobGroupService } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { createLog } from '@strait/service-kit/log'
import { startParts, stopParts } from '@strait/service-kit/part'
import { createRpcServer } from '@strait/service-kit/rpc/rpc-server'
import { createTelemetry } from '@strait/service-kit/telemetry'
import { sql } from 'kysely'
import { createApp } from '../src/app.ts'
import { bootstrap } from '../src/bootstrap.ts'
import { readConfig } from '../src/config.ts'
import { openStore, type StoreBundle } from './store-bundle.ts'

export const serviceToken = 'the-service-token-of-the-tests'

/** The catalog with its doors open, on a database of its own; without NATS unless an address is given. */
export interface AppBundle extends AsyncDisposable {
  readonly store: StoreBundle
  readonly baseUrl: string
  /** Calls with the demo project's key, over Connect with binary messages. */
  readonly jobs: Client<typeof JobService>
  readonly keys: Client<typeof ApiKeyService>
  readonly groups: Client<typeof JobGroupService>
  readonly internal: Client<typeof CatalogInternalService>
  client<S extends DescService>(service: S, bearer?: string): Client<S>
  /** One call over Connect with JSON, as curl would make it; answers status and body. */
  post(method: string, body: unknown, headers?: Record<string, string>): Promise<JsonAnswer>
  /** One call over REST; answers status, headers and body. */
  rest(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RestAnswer>
  /** How many rows the catalog keeps, in all of its tables together. */
  countRows(): Promise<number>
}

export interface RestAnswer extends JsonAnswer {
  readonly headers: Headers
}

export interface JsonAnswer {
  readonly status: number
  // What a test looks into is whatever came.
  readonly body: { [key: string]: unknown }
}

const nobodyListens = 'nats://127.0.0.1:1'

/** Opens a catalog. With the store of another one it is a second replica, which leaves the store alone when it is closed. */
export async function openApp(env: Record<string, string> = {}, shared?: StoreBundle): Promise<AppBundle> {
  const store = shared ?? (await openStore())
  const log = createLog('catalog', 'silent')
  const telemetry = createTelemetry()
  const read = readConfig({
    DATABASE_URL: store.database.url,
    NATS_URL: nobodyListens,
    CATALOG_MASTER_KEY: store.masterKey,
    STRAIT_SERVICE_TOKEN: serviceToken,
    STRAIT_ENV: 'development',
    ...env,
  })
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const app = createApp(read.values, { log, telemetry })
  const rpc = createRpcServer({
    host: '127.0.0.1',
    port: 0,
    services: app.services,
    serviceTokens: [serviceToken],
    keys: app.keys,
    log,
    meter: telemetry.meter,
  })
  const parts = [...app.parts, rpc]
  await startParts(parts)
  const baseUrl = `http://127.0.0.1:${rpc.port()}`
  const client = <S extends DescService>(service: S, bearer?: string) =>
    // A hundred at once on a busy machine take their time: what is tested is what comes of them.
    createServiceClient(service, { baseUrl, bearer, timeoutMs: 25_000 })
  let countAll: string | undefined
  return {
    store,
    baseUrl,
    client,
    jobs: client(JobService, store.apiKey),
    keys: client(ApiKeyService, store.apiKey),
    groups: client(JobGroupService, store.apiKey),
    internal: client(CatalogInternalService, serviceToken),
    async post(method, body, headers = {}) {
      const response = await fetch(`${baseUrl}/strait.catalog.v1.${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${store.apiKey}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      return { status: response.status, body: (await response.json()) as JsonAnswer['body'] }
    },
    async rest(method, path, body, headers = {}) {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${store.apiKey}`, ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const answer = (await response.json()) as JsonAnswer['body']
      return { status: response.status, headers: response.headers, body: answer }
    },
    async countRows() {
      countAll ??= await statementThatCounts(store)
      const { rows } = await sql<{ count: number }>`${sql.raw(countAll)}`.execute(store.db)
      return rows[0]!.count
    },
    async [Symbol.asyncDispose]() {
      await stopParts(parts)
      await telemetry.stop()
      if (shared === undefined) await store[Symbol.asyncDispose]()
    },
  }
}

/** Counts the rows of every table that there is. */
async function statementThatCounts({ db }: StoreBundle): Promise<string> {
  const { rows } = await sql<{ each: string }>`
    select format('(select count(*) from %I.%I)', schemaname, tablename) as each from pg_tables where schemaname = 'catalog'
  `.execute(db)
  return `select (${rows.map(({ each }) => each).join(' + ')})::int4 as count`
}

/** The least that a job needs. */
export const aJob = { name: 'A job', endpointUrl: 'https://example.com/hook' }

/** Makes another project beside the demo one, with a key of its own. */
export async function anotherProject(
  { store: { database, masterKey } }: Pick<AppBundle, 'store'>,
  projectSlug: string,
) {
  return bootstrap({ databaseUrl: database.url, masterKey, projectSlug })
}
