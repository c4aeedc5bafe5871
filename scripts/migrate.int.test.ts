import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { runSql, withDatabase } from '@strait/testkit/database-url'
import { freePort } from '@strait/testkit/free-port'
import { createTestDatabase } from '@strait/testkit/test-database'
import { expect, onTestFinished, test } from 'vitest'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command as it is run by hand, with these variables and no other of ours. */
function migrate(variables: Record<string, string>): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, ...variables }
  return new Promise((resolve) => {
    const main = join(import.meta.dirname, 'migrate.ts')
    execFile(process.execPath, [main], { env, timeout: 25_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}

async function anEmptyDatabase(): Promise<string> {
  const { url, name, drop } = await createTestDatabase()
  const empty = `${name}_empty`
  await runSql(url, `create database ${empty} template template0`)
  onTestFinished(async () => {
    await runSql(url, `drop database ${empty} with (force)`)
    await drop()
  })
  return withDatabase(url, empty)
}

test('an empty database gets every schema, and the second time there is nothing to do', async () => {
  const url = await anEmptyDatabase()
  const first = await migrate({ DATABASE_URL: url })
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout.split('\n')).toEqual([
    expect.stringMatching(/^catalog: ran 0001-/),
    expect.stringMatching(/^scheduler: ran 0001-/),
    expect.stringMatching(/^dispatcher: ran 0001-/),
    expect.stringMatching(/^notifier: ran 0001-/),
    '',
  ])
  const upToDate = ['catalog', 'scheduler', 'dispatcher', 'notifier'].map((name) => `${name}: up to date\n`)
  expect(await migrate({ MIGRATE_DATABASE_URL: url })).toEqual({
    code: 0,
    stdout: upToDate.join(''),
    stderr: '',
  })
})

test('two at once bring it up to date together', async () => {
  const url = await anEmptyDatabase()
  const ended = await Promise.all([migrate({ DATABASE_URL: url }), migrate({ DATABASE_URL: url })])
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(2).fill({ code: 0, stderr: '' }))
  expect(
    ended
      .map(({ stdout }) => stdout)
      .join('')
      .match(/ran 0001-/g),
  ).toHaveLength(4)
})

test.each([{}, { DATABASE_URL: 'nonsense' }, { MIGRATE_DATABASE_URL: 'mysql://host/db' }])(
  'with %j it says which URL it needs and ends with 1',
  async (variables) => {
    const { code, stdout, stderr } = await migrate(variables as Record<string, string>)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^migrate: MIGRATE_DATABASE_URL \(or DATABASE_URL\) must be a URL like postgres:\/\/.*\n$/,
    )
  },
)

test('a database that cannot be reached is one line that says what to do', async () => {
  const url = `postgres://me:hunter2@127.0.0.1:${await freePort()}/strait`
  const { code, stdout, stderr } = await migrate({ DATABASE_URL: url })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(
    /^migrate: Postgres cannot be reached \(.*ECONNREFUSED.*\): start it or mend the URL\n$/,
  )
  expect(stderr).not.toContain('hunter2')
})
