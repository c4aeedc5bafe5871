import { expect, test } from 'vitest'
import { type Config, readConfig } from './config.ts'

const required = {
  DATABASE_URL: 'postgres://host/name',
  NATS_URL: 'nats://host',
  STRAIT_SERVICE_TOKEN: 'a-token-of-enough-length',
}

function read(env: Record<string, string> = {}): Config {
  const config = readConfig({ ...required, ...env })
  if (!config.ok) throw new Error(config.problems.join('; '))
  return config.values
}

function problems(env: Record<string, string>): string {
  const config = readConfig({ ...required, ...env })
  return config.ok ? '' : config.problems.join('; ')
}

test('deliveries are tried ten times over about three days unless told otherwise', () => {
  const { retryDelaysMs } = read()
  expect(retryDelaysMs).toEqual([
    5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
  ])
})

test('retry delays are seconds, parts of a second too', () => {
  expect(read({ NOTIFIER_RETRY_DELAYS_SECS: '0.1, 5,60' }).retryDelaysMs).toEqual([100, 5_000, 60_000])
})

test.each([
  ['words', { NOTIFIER_RETRY_DELAYS_SECS: '5,soon' }, 'NOTIFIER_RETRY_DELAYS_SECS must be'],
  ['a negative delay', { NOTIFIER_RETRY_DELAYS_SECS: '-5' }, 'NOTIFIER_RETRY_DELAYS_SECS must be'],
  [
    'a lease that a call can outlive',
    { NOTIFIER_LEASE_SECS: '30' },
    'NOTIFIER_LEASE_SECS must be at least 35',
  ],
  ['a misspelt setting', { NOTIFIER_TIMEOUT_SEC: '5' }, 'did you mean NOTIFIER_TIMEOUT_SECS?'],
])('%s is refused', (_, env, problem) => {
  expect(problems(env)).toContain(problem)
})
