import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'
import { sharedSettings } from './shared-settings.ts'

const enough = {
  DATABASE_URL: 'postgres://me:secret@localhost/strait',
  NATS_URL: 'nats://localhost:4222',
  STRAIT_SERVICE_TOKEN: '0123456789abcdef',
}
const read = (env: Record<string, string>) =>
  readSettings(sharedSettings(8081), { ...enough, ...env }, 'CATALOG')

test('a service has its own port, and health and metrics a thousand above', () => {
  expect(read({})).toMatchObject({
    ok: true,
    values: { port: 8081, opsPort: 9081, host: '0.0.0.0', logLevel: 'info', hardStopSecs: 25 },
  })
})

test.each([
  ['a database that is no URL', { DATABASE_URL: 'localhost:secret' }, 'DATABASE_URL must be a URL like'],
  [
    'a database that is not Postgres',
    { DATABASE_URL: 'mysql://me:secret@db/x' },
    'DATABASE_URL must be a URL',
  ],
  [
    'a service token that could be guessed',
    { STRAIT_SERVICE_TOKEN: 'secret' },
    'STRAIT_SERVICE_TOKEN must be',
  ],
  [
    'a previous token that no header could carry',
    { STRAIT_PREVIOUS_SERVICE_TOKEN: 'secret secret secret\n' },
    'STRAIT_PREVIOUS_SERVICE_TOKEN must be',
  ],
  ['a port beyond the last', { PORT: '65536' }, 'PORT must be a whole number from 0 to 65535'],
  ['a log level that is none', { STRAIT_LOG_LEVEL: 'loud' }, 'STRAIT_LOG_LEVEL must be one of debug, info'],
] as const)('%s is refused, and no secret is shown', (_, env, problem) => {
  const result = read(env)
  if (result.ok) throw new Error('it was not refused')
  expect(result.problems).toHaveLength(1)
  expect(result.problems[0]).toContain(problem)
  expect(result.problems[0]).not.toContain('secret')
})
