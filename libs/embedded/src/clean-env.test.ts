import { expect, test } from 'vitest'
import { cleanEnv } from './clean-env.ts'

test('what npm and libpq put into the environment does not reach a child', () => {
  const env = {
    PATH: '/bin',
    npm_config_prefix: '/x',
    npm_lifecycle_event: 'start',
    PGHOST: 'db',
    PGPORT: '1',
  }
  expect(cleanEnv(env)).toEqual({ PATH: '/bin' })
})

test('variables that only resemble those do', () => {
  const env = { NPM_TOKEN: 'a', MY_PGHOST: 'b', npmrc: 'c', DATABASE_URL: 'd' }
  expect(cleanEnv(env)).toEqual(env)
})
