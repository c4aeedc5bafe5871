// Makes a service's role and schema if they are missing. Roles belong to the whole cluster while locks belong to one
// database, so two databases may be prepared at once: whoever comes second is told by an error and looks again.

import pg from 'pg'
import { assertServiceName } from './service-name.ts'

export interface RoleAndSchemaOptions {
  readonly url: string
  readonly service: string
  /** A further login that is to run as the role. */
  readonly login?: string | undefined
}

const raced = new Set([
  '42710', // duplicate_object
  '42P06', // duplicate_schema
  '23505', // unique_violation, in a catalog
  'XX000', // "tuple concurrently updated"
])
const attempts = 10

/** Makes the role, lets the connecting login (and `login`) run as it, and makes the schema that the role owns. */
export async function ensureRoleAndSchema({ url, service, login }: RoleAndSchemaOptions): Promise<void> {
  assertServiceName(service)
  const client = new pg.Client({ connectionString: url, application_name: 'strait-migrate' })
  client.on('error', () => {
    // The statement that is under way fails by itself.
  })
  await client.connect()
  try {
    await untilUnraced(() => ensureRole(client, service))
    await untilUnraced(() => ensureMember(client, service, undefined))
    if (login !== undefined) await untilUnraced(() => ensureMember(client, service, login))
    await untilUnraced(() => ensureSchema(client, service))
  } finally {
    await client.end()
  }
}

async function ensureRole(client: pg.Client, service: string): Promise<void> {
  const found = await client.query('select from pg_roles where rolname = $1', [service])
  if (found.rowCount === 0) await client.query(`create role ${service} nologin`)
}

// A superuser runs as any role without being a member.
async function ensureMember(client: pg.Client, service: string, login: string | undefined): Promise<void> {
  const found = await client.query<{ rolname: string; rolsuper: boolean }>(
    'select rolname, rolsuper from pg_roles where rolname = coalesce($1, current_user)',
    [login],
  )
  const [row] = found.rows
  if (row === undefined) throw new Error(`there is no login "${login}" to grant the role ${service} to`)
  if (!row.rolsuper) await client.query(`grant ${service} to ${client.escapeIdentifier(row.rolname)}`)
}

async function ensureSchema(client: pg.Client, service: string): Promise<void> {
  const owner = 'select nspowner::regrole::text as owner from pg_namespace where nspname = $1'
  const found = await client.query<{ owner: string }>(owner, [service])
  const [row] = found.rows
  if (row === undefined) await client.query(`create schema ${service} authorization ${service}`)
  else if (row.owner !== service) {
    throw new Error(
      `the schema ${service} belongs to ${row.owner}: "alter schema ${service} owner to ${service}"`,
    )
  }
}

async function untilUnraced(step: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      if (attempt === attempts || !(error instanceof pg.DatabaseError) || !raced.has(error.code ?? ''))
        throw error
    }
  }
}
