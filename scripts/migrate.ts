// `npm run migrate`: makes every service's role and schema, if they are missing, and runs the migrations that are due.
// MIGRATE_DATABASE_URL is a login that may do that; without it DATABASE_URL is used, as on a developer's own machine.

import { isConnectionLost } from '@strait/postgres/is-connection-lost'
import { migrateAll } from './migrate-all.ts'

const needed = 'MIGRATE_DATABASE_URL (or DATABASE_URL) must be a URL like postgres://user@host:5432/database'

async function migrate({ MIGRATE_DATABASE_URL, DATABASE_URL }: NodeJS.ProcessEnv): Promise<void> {
  const url = URL.parse(MIGRATE_DATABASE_URL || DATABASE_URL || '')
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) throw new Error(needed)
  const login = decodeURIComponent(URL.parse(DATABASE_URL ?? '')?.username ?? '')
  const migrated = await migrateAll(url.href, login === '' ? undefined : login)
  for (const { service, ran } of migrated) {
    console.log(ran.length === 0 ? `${service}: up to date` : `${service}: ran ${ran.join(', ')}`)
  }
}

function inWords(error: unknown): string {
  // A name with several addresses fails once for each of them.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const said = first instanceof Error ? first.message : String(first)
  return isConnectionLost(first) ? `Postgres cannot be reached (${said}): start it or mend the URL` : said
}

try {
  await migrate(process.env)
} catch (error) {
  console.error(`migrate: ${inWords(error)}`)
  process.exitCode = 1
}
