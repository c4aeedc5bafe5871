// Brings the schema of every service up to date. A service without migrations has nothing to bring.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { migrateService, type ServiceMigrations } from '@strait/postgres/sql-migrations'

const services = ['catalog', 'scheduler', 'dispatcher', 'notifier']

/** What ran in one service's schema: nothing when it was up to date. */
export interface Migrated {
  readonly service: string
  readonly ran: readonly string[]
}

/**
 * Migrates every service in turn and answers what ran; done twice or by two at once, the second finds nothing to do.
 * `login` is the one that the services connect with, when it is another than the one in the URL.
 */
export async function migrateAll(url: string, login?: string): Promise<readonly Migrated[]> {
  const migrated: Migrated[] = []
  for (const each of servicesWithMigrations()) {
    const ran = await migrateService({ url, ...each, ...(login !== undefined && { login }) })
    migrated.push({ service: each.service, ran })
  }
  return migrated
}

function servicesWithMigrations(): readonly ServiceMigrations[] {
  return services
    .map((service) => ({
      service,
      folder: join(import.meta.dirname, '..', 'services', service, 'migrations'),
    }))
    .filter(({ folder }) => existsSync(folder))
}
