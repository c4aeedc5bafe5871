import { connect } from 'node:net'
import { Client } from 'pg'
import { expect, inject, test } from 'vitest'
import { createTestDatabase } from '../src/test-database.ts'
import { startTestNats } from '../src/test-nats.ts'
import { startTestPostgres } from '../src/test-postgres.ts'

async function sql(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of statements) rows = (await client.query(statement)).rows
    return rows
  } finally {
    await client.end()
  }
}

/** The answer to one request, in NATS' own words. */
function ask(port: number, subject: string, body = ''): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1').setEncoding('utf8').on('error', reject)
    socket.write(
      `CONNECT {"verbose":false}\r\nSUB answer 1\r\nPUB ${subject} answer ${body.length}\r\n${body}\r\n`,
    )
    socket.on('data', (text) => {
      received += text
      const [, answer] = /MSG answer 1 \d+\r\n(.*)\r\n/.exec(received) ?? []
      if (!answer) return
      socket.destroy()
      resolve(JSON.parse(answer))
    })
  })
}

test('each test database is its own, and twenty can be cloned at once', async () => {
  const databases = await Promise.all(Array.from({ length: 20 }, createTestDatabase))
  const [first, second] = databases
  await sql(first!.url, 'create table mine ()')
  await expect(sql(second!.url, 'select * from mine')).rejects.toThrow('does not exist')
  expect(await sql(first!.url, 'select * from mine')).toEqual([])
  await Promise.all(databases.map((database) => database.drop()))
  const names = databases.map(({ name }) => `'${name}'`).join()
  const { postgresUrl } = inject('testRun')
  expect(await sql(postgresUrl, `select from pg_database where datname in (${names})`)).toEqual([])
})

test('a test database can be dropped while a client is connected, and twice', async () => {
  const database = await createTestDatabase()
  const client = new Client({ connectionString: database.url })
  client.on('error', () => undefined)
  await client.connect()
  await database.drop()
  await database.drop()
  await expect(sql(database.url, 'select 1')).rejects.toThrow('does not exist')
})

test('a test Postgres that was killed comes back with its data under the same URL', async () => {
  await using postgres = await startTestPostgres()
  await sql(postgres.url, 'create table kept ()')
  await postgres.kill()
  await expect(sql(postgres.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
  await postgres.restart()
  expect(await sql(postgres.url, 'select * from kept')).toEqual([])
})

test('a test NATS keeps its streams over a restart and a kill, and loses them when it is wiped', async () => {
  await using nats = await startTestNats()
  const stream = JSON.stringify({ name: 'S', subjects: ['s'], storage: 'file' })
  const hasStream = async () => !('error' in (await ask(nats.port, '$JS.API.STREAM.INFO.S')))
  expect(await hasStream()).toBe(false)
  await ask(nats.port, '$JS.API.STREAM.CREATE.S', stream)
  await nats.restart()
  expect(await hasStream()).toBe(true)
  await nats.kill()
  await expect(ask(nats.port, '$JS.API.STREAM.INFO.S')).rejects.toThrow('ECONNREFUSED')
  await nats.restart()
  expect(await hasStream()).toBe(true)
  await nats.wipe()
  expect(await hasStream()).toBe(false)
})
