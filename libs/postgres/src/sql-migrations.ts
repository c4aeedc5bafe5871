// Forward-only migrations: numbered SQL files, run once each, in order, as the service's own role.
//
// Role and schema are named after the service. The role owns the schema and everything a file creates; no other
// service's role is given anything. The record of what ran lives in the same schema.
//
// All files that are due run in one transaction under a lock: dying in the middle leaves the schema as it was, and
// of two that start at once the second waits and finds nothing to do. So a file cannot hold statements that refuse
// to run in a transaction, such as CREATE INDEX CONCURRENTLY.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { createKysely, createPool } from './pool.ts'
import { ensureRoleAndSchema } from './role-and-schema.ts'

export interface ServiceMigrations {
  /** The service, which is also the name of its schema and of its role. */
  readonly service: string
  /** The folder of its `0001-name.sql` files. */
  readonly folder: string
}

export interface MigrateOptions extends ServiceMigrations {
  /** A login that may create roles and schemas, or one that finds them made. */
  readonly url: string
  /** The login the service connects with, when it is another than the one in `url`. */
  readonly login?: string
}

/** Why a schema could not be brought up to date; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** Brings one service's schema up to date and answers the names of the migrations that ran. */
export async function migrateService({
  url,
  service,
  folder,
  login,
}: MigrateOptions): Promise<readonly string[]> {
  const migrations = await readSqlFiles(folder)
  await ensureRoleAndSchema({ url, service, login })
  const onError = () => {
    // The statement that is under way fails by itself.
  }
  const pool = createPool({
    url,
    role: service,
    max: 1,
    name: `strait-migrate-${service}`,
    statementTimeoutMs: 0,
    onError,
  })
  const db = createKysely<RecordOfMigrations>(pool)
  try {
    const provider = { getMigrations: async () => migrations }
    const migrator = new Migrator({ db, provider, migrationTableSchema: service })
    const { error, results = [] } = await migrator.migrateToLatest()
    if (error === undefined) return results.map((each) => each.migrationName)
    const unknown = await unknownMigrations(db, service, migrations)
    if (unknown.length > 0) {
      throw new MigrationError(
        `the ${service} schema is newer than this code: it holds ${unknown.join(', ')}. ` +
          'Migrations only go forward: run the version that made it, or a newer one.',
      )
    }
    const failed = results.find((each) => each.status === 'Error')
    const where = failed === undefined ? service : `${service}, ${failed.migrationName}`
    const message = error instanceof Error ? error.message : String(error)
    throw new MigrationError(`migrating ${where}: ${message}`, { cause: error })
  } finally {
    await db.destroy()
  }
}

/** Brings several services' schemas up to date, one after another. */
export async function migrateServices(
  url: string,
  services: readonly ServiceMigrations[],
  login?: string,
): Promise<void> {
  for (const each of services) await migrateService({ url, ...each, login })
}

interface RecordOfMigrations {
  kysely_migration: { name: string }
}

type Migrations = Record<string, Migration>

// The files of a folder as migrations. Their numbers run from 0001 without a gap, so that two branches that both add
// a file are noticed when they meet.
async function readSqlFiles(folder: string): Promise<Migrations> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  const migrations: Migrations = {}
  for (const [index, file] of files.entries()) {
    const number = String(index + 1).padStart(4, '0')
    if (!file.startsWith(`${number}-`)) {
      throw new MigrationError(
        `${join(folder, file)} should start with ${number}-: numbers run from 0001 without a gap`,
      )
    }
    const text = await readFile(join(folder, file), 'utf8')
    migrations[file.slice(0, -'.sql'.length)] = { up: (db) => run(db, text) }
  }
  return migrations
}

// Without parameters a text may hold many statements; where in it Postgres stumbled is told as a line.
async function run(db: Kysely<unknown>, text: string): Promise<void> {
  try {
    await sql.raw(text).execute(db)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.position === undefined) throw error
    const line = text.slice(0, Number(error.position)).split('\n').length
    throw new Error(`line ${line}: ${error.message}`, { cause: error })
  }
}

// What ran here and is not among the files. Asked after a failure, which is the thing to tell if this fails too.
async function unknownMigrations(
  db: Kysely<RecordOfMigrations>,
  service: string,
  known: Migrations,
): Promise<readonly string[]> {
  try {
    const ran = await db
      .withSchema(service)
      .selectFrom('kysely_migration')
      .select('name')
      .orderBy('name')
      .execute()
    return ran.map((row) => row.name).filter((name) => !(name in known))
  } catch {
    return []
  }
}
