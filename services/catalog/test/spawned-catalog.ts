import { freePort } from '@strait/testkit/free-port'
import { spawnService } from '@strait/testkit/spawn-service'
import { sql } from 'kysely'
import { onTestFinished } from 'vitest'
import { serviceToken } from './app-bundle.ts'
import { openStore, type StoreBundle } from './store-bundle.ts'

/** A database that lives as long as the test. */
export async function aStore(): Promise<StoreBundle> {
  const store = await openStore()
  onTestFinished(() => store[Symbol.asyncDispose]())
  return store
}

/** A catalog as a process of its own, which says all that it has to say. */
export async function startCatalog(store: StoreBundle, env: Record<string, string> = {}) {
  const port = String(await freePort())
  const catalog = await spawnService({
    service: 'catalog',
    env: {
      DATABASE_URL: store.database.url,
      NATS_URL: 'nats://127.0.0.1:1',
      CATALOG_MASTER_KEY: store.masterKey,
      STRAIT_SERVICE_TOKEN: serviceToken,
      STRAIT_LOG_LEVEL: 'debug',
      HOST: '127.0.0.1',
      PORT: port,
      ...env,
    },
  })
  onTestFinished(() => catalog[Symbol.asyncDispose]())
  /** Asks as curl would, and answers what came as it came. */
  const ask = async (method: string, body: unknown, key = store.apiKey) => {
    const bearer = method.startsWith('CatalogInternalService') ? serviceToken : key
    const response = await fetch(`http://127.0.0.1:${port}/strait.catalog.v1.${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: response.status, text: await response.text() }
  }
  return { catalog, ask, baseUrl: `http://127.0.0.1:${port}` }
}

/** Every row of every table of the catalog, as Postgres shows it. */
export async function dump({ db }: StoreBundle): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'catalog'
  `.execute(db)
  const rows: string[] = []
  for (const { name } of tables) {
    const found = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(db)
    rows.push(...found.rows.map(({ row }) => `${name} ${row}`))
  }
  return rows.join('\n')
}
