// A service's connections as a part: starting it finds out whether there is a database that the service can work on, and says in one
// sentence what to do when there is not.

import { isConnectionLost } from '@strait/postgres/is-connection-lost'
import { StartError } from './listen.ts'
import type { Part } from './part.ts'

/** Pools that live and end together. `probe` fails where the service cannot work. */
export function createDatabasePart(options: {
  readonly service: string
  readonly pools: readonly { end(): Promise<void> }[]
  readonly probe: () => Promise<unknown>
}): Part {
  let ended: Promise<unknown> | undefined
  return {
    name: 'database',
    async start() {
      try {
        await options.probe()
      } catch (cause) {
        const problem = databaseProblem(options.service, cause)
        if (problem === undefined) throw cause
        throw new StartError(problem, { cause })
      }
    },
    async stop() {
      ended ??= Promise.all(options.pools.map((pool) => pool.end()))
      await ended
    },
  }
}

/** What keeps a service from working on its database, in one sentence with what to do; nothing for a fault that is ours. */
export function databaseProblem(service: string, error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const said = error instanceof Error && error.message !== '' ? error.message : code
  if (code.startsWith('28')) return `Postgres refuses the login of DATABASE_URL: ${said}`
  if (code === '3D000') return `DATABASE_URL names no database of this server: ${said}`
  // The role, the schema or a table is not there, or the login may not act as the role.
  if (['22023', '3F000', '42P01', '42703', '42501'].includes(code)) {
    return `the ${service}'s schema is not ready (${said}): run \`npm run migrate\` with this database first`
  }
  if (isConnectionLost(error)) return `Postgres cannot be reached (${said}): start it or mend DATABASE_URL`
  return undefined
}
