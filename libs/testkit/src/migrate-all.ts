import { existsSync } from 'node:fs'

const script = new URL('../../../scripts/migrate-all.ts', import.meta.url)

/** Brings every service's schema in this database up to date, with the program's own migrations. */
export async function migrateAll(url: string): Promise<void> {
  if (!existsSync(script)) return
  const { migrateAll } = (await import(script.href)) as { migrateAll: (url: string) => Promise<void> }
  await migrateAll(url)
}
