import { expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { masterKeyProblem, readMasterKey } from './master-key.ts'

const right = Buffer.alloc(32, 7).toString('base64')

test('32 bytes in base64 are a master key', () => {
  expect(masterKeyProblem(right)).toBeUndefined()
  expect(readMasterKey(right)).toEqual(Buffer.alloc(32, 7))
})

test.each([
  '',
  'secret',
  Buffer.alloc(31).toString('base64'),
  Buffer.alloc(33).toString('base64'),
  `${right}\n`,
])('%j is none', (text) => {
  expect(masterKeyProblem(text)).toMatch(/32 bytes in base64/)
})

test('the configuration says everything that is wrong at once and repeats no secret', () => {
  const read = readConfig({
    CATALOG_MASTER_KEY: 'hunter2',
    STRAIT_EGRESS_ALLOW: '10.0.0.0/8,nowhere',
    DATABASE_URL: 'mysql://user:hunter2@host/db',
    CATALOG_MASTERKEY: 'x',
  })
  expect(read.ok).toBe(false)
  const problems = read.ok ? '' : read.problems.join('\n')
  expect(problems).toMatch(/CATALOG_MASTER_KEY must be 32 bytes/)
  expect(problems).toMatch(/STRAIT_EGRESS_ALLOW has an entry that cannot be read: "nowhere"/)
  expect(problems).toMatch(/DATABASE_URL must be a URL/)
  expect(problems).toMatch(/NATS_URL is required/)
  expect(problems).toMatch(/CATALOG_MASTERKEY is not a setting.*did you mean CATALOG_MASTER_KEY/)
  expect(problems).not.toMatch(/hunter2/)
})
