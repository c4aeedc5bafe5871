// `pnpm migration:new dispatcher add_priority` makes the next numbered file in services/dispatcher/migrations, where
// numbers run without a gap: two branches that both add one are noticed when they meet.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './tools/run-tool.ts'

/** The file name that follows the highest number among a folder's migrations. */
export function nextMigration(existing: readonly string[], name: string): string {
  const numbers = existing.map((file) => Number(/^(\d{4})-.+\.sql$/.exec(file)?.[1] ?? 0))
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0')
  return `${number}-${name.replaceAll('_', '-')}.sql`
}

function create(service: string, name: string): string {
  const folder = join(root, 'services', service, 'migrations')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, nextMigration(readdirSync(folder), name))
  const lines = [
    '-- What this changes, and what stays true while old and new code run side by side.',
    '-- Forward only: a file that has run anywhere is never edited. Name each constraint as the statement it makes, and',
    '-- say at each index which query it serves.',
    '',
  ]
  writeFileSync(file, lines.join('\n'), { flag: 'wx' })
  return relative(root, file)
}

if (import.meta.main) {
  const [service = '', name = ''] = process.argv.slice(2)
  if (!/^[a-z][a-z0-9-]*$/.test(service) || !/^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(name)) {
    console.error('Say which service and what changes: pnpm migration:new dispatcher add_priority')
    process.exitCode = 1
  } else if (!existsSync(join(root, 'services', service, 'package.json'))) {
    console.error(`There is no service "${service}" in services/.`)
    process.exitCode = 1
  } else {
    console.log(create(service, name))
  }
}
