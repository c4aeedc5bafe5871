import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartError } from '@strait/service-kit/listen'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from './config.ts'
import { loadMasterKey, masterKeyProblem, readMasterKey } from './master-key.ts'

const right = Buffer.alloc(32, 7).toString('base64')
const other = Buffer.alloc(32, 8).toString('base64')

test('32 bytes in base64 are a master key', () => {
  expect(masterKeyProblem(right)).toBeUndefined()
  expect(readMasterKey(right)).toEqual({ current: Buffer.alloc(32, 7), previous: undefined })
  const both = { current: Buffer.alloc(32, 7), previous: Buffer.alloc(32, 8) }
  expect(readMasterKey(right, other)).toEqual(both)
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

const rest = {
  DATABASE_URL: 'postgres://me@host/db',
  NATS_URL: 'nats://host',
  STRAIT_SERVICE_TOKEN: 'a-token-of-the-tests',
}

test.each([
  [{}, ['CATALOG_MASTER_KEY or CATALOG_MASTER_KEY_FILE is required: what encrypts secrets at rest']],
  [
    { CATALOG_MASTER_KEY: right, CATALOG_MASTER_KEY_FILE: '/key' },
    ['CATALOG_MASTER_KEY and CATALOG_MASTER_KEY_FILE are both given: only one can be meant'],
  ],
  [
    {
      CATALOG_MASTER_KEY_FILE: '/key',
      CATALOG_PREVIOUS_MASTER_KEY: other,
      CATALOG_PREVIOUS_MASTER_KEY_FILE: '/old',
    },
    [
      'CATALOG_PREVIOUS_MASTER_KEY and CATALOG_PREVIOUS_MASTER_KEY_FILE are both given: only one can be meant',
    ],
  ],
])('a master key comes from one place: %j', (env, problems) => {
  expect(readConfig({ ...rest, ...env })).toEqual({ ok: false, problems })
})

function aFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'master-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'key')
  writeFileSync(file, content)
  return file
}

test('a master key and the one before it are read from files', () => {
  const read = readConfig({
    ...rest,
    CATALOG_MASTER_KEY_FILE: aFile(`${right}\n`),
    CATALOG_PREVIOUS_MASTER_KEY_FILE: aFile(other),
  })
  if (!read.ok) throw new Error(read.problems.join())
  expect(loadMasterKey(read.values)).toEqual(readMasterKey(right, other))
})

test('a file that holds no key, or is not there, is named, and nothing of what it holds', () => {
  const file = aFile('hunter2')
  const load = (masterKeyFile: string) => {
    try {
      return loadMasterKey({ masterKeyFile })
    } catch (error) {
      return error
    }
  }
  const wrong = load(file)
  expect(wrong).toBeInstanceOf(StartError)
  expect(String(wrong)).toContain(
    `CATALOG_MASTER_KEY_FILE: the content of ${file} must be 32 bytes in base64`,
  )
  expect(String(wrong)).not.toContain('hunter2')
  expect(String(load(`${file}-not`))).toContain(
    `CATALOG_MASTER_KEY_FILE: ${file}-not cannot be read (ENOENT)`,
  )
})
