import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { beforeAll, expect, test, vi } from 'vitest'
import { isAlive } from '../src/process-identity.ts'
import { runCommand } from '../src/run-command.ts'
import { startPostgres } from '../src/start-postgres.ts'
import { kill, setup, spawnParent, startInParent, startStranger, waitUntil } from './fixtures/setup.ts'

/** Runs statements on one connection and returns the rows of the last. */
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

/** A data folder that Postgres was stopped on; copying it takes a tenth of the time that making one takes. */
let made: string

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strait-embedded-'))
  made = join(folder, 'data')
  await (await startPostgres({ dataDir: made })).stop()
  return () => rmSync(folder, { recursive: true, force: true })
})

/** A test's own folder with a data folder in it that is a copy of the one above. */
async function setupMade() {
  const bundle = setup()
  const copied = await runCommand('cp', ['-a', made, `${made}.password`, bundle.folder])
  expect(copied).toEqual({ ok: true, output: '' })
  return bundle
}

test('the data folder is made once, and a restart keeps what was committed', async () => {
  const { dataDir, keep, log } = setup()
  const options = { dataDir, log: (line: string) => log.push(line) }
  const first = await keep(startPostgres(options))
  await sql(first.url, "create table kept as select 'yes' as answer")
  await first.stop()
  const second = await keep(startPostgres(options))
  expect(await sql(second.url, 'select answer from kept')).toEqual([{ answer: 'yes' }])
  expect(log).toEqual([expect.stringContaining('making the Postgres data folder')])
})

test('it is durable, speaks UTF-8 in the C locale, and is reached by TCP on 127.0.0.1 alone', async () => {
  const { dataDir, keep } = await setupMade()
  const { url } = await keep(startPostgres({ dataDir }))
  const settings = ['fsync', 'listen_addresses', 'unix_socket_directories', 'server_encoding', 'TimeZone']
  const rows = await Promise.all(
    settings.map((name) => sql(url, `select current_setting('${name}') as value`)),
  )
  expect(rows.flat().map(({ value }) => value)).toEqual(['on', '127.0.0.1', '', 'UTF8', 'UTC'])
  expect(await sql(url, "select datcollate from pg_database where datname = 'postgres'")).toEqual([
    { datcollate: 'C' },
  ])
  const stranger = new URL(url)
  stranger.password = 'guessed'
  await expect(sql(stranger.href, 'select 1')).rejects.toThrow('password authentication failed')
})

test('variables of npm and libpq do not reach the server', async () => {
  const { dataDir, keep } = await setupMade()
  vi.stubEnv('npm_config_prefix', '/x')
  vi.stubEnv('PGOPTIONS', '--no-such-option')
  const { url } = await keep(startPostgres({ dataDir }))
  vi.unstubAllEnvs()
  const lines = await sql(
    url,
    'create temporary table variables (line text)',
    "copy variables from program 'env'",
    'select line from variables',
  )
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.filter(({ line }) => /^(npm_|PGOPTIONS)/.test(String(line)))).toEqual([])
})

test.each(['its record', 'its command line alone'])(
  'a server whose parent was killed is found by %s and stopped, and its data is there',
  async (trace) => {
    const { dataDir, keep, log } = await setupMade()
    const { parent, server, url } = await startInParent('postgres', dataDir)
    await sql(url, 'create table kept ()')
    await kill(parent)
    expect(isAlive(server)).toBe(true)
    if (trace === 'its command line alone') unlinkSync(`${dataDir}.pid.json`)
    const next = await keep(startPostgres({ dataDir, log: (line) => log.push(line) }))
    expect(isAlive(server)).toBe(false)
    expect(await sql(next.url, 'select * from kept')).toEqual([])
    expect(log).toEqual([expect.stringContaining(`process ${server.pid}`)])
  },
)

test('the server outlives a Ctrl-C, which ends its parent', async () => {
  const { dataDir } = await setupMade()
  const { parent, server } = await startInParent('postgres', dataDir)
  const group = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')[2]
  if (process.platform === 'linux') expect(group(server.pid)).not.toBe(group(parent.pid!))
  parent.kill('SIGINT')
  await once(parent, 'exit')
  expect(isAlive(server)).toBe(true)
})

test('another process whose id stands in the record or in postmaster.pid is left alone', async () => {
  const { dataDir, keep, log } = await setupMade()
  const first = await keep(startPostgres({ dataDir }))
  const record = JSON.parse(readFileSync(`${dataDir}.pid.json`, 'utf8'))
  const postmasterPid = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8')
  await first.stop()

  const stranger = await startStranger()
  writeFileSync(
    `${dataDir}.pid.json`,
    JSON.stringify({ ...record, pid: stranger.pid, started: stranger.started }),
  )
  writeFileSync(join(dataDir, 'postmaster.pid'), postmasterPid.replace(/^\d+/, String(stranger.pid)))
  const second = await keep(startPostgres({ dataDir, log: (line) => log.push(line) }))
  expect(await sql(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(stranger.isAlive()).toBe(true)
  expect(log).toEqual([])
})

test('a second start on the same folder is refused and names the process that has it', async () => {
  const { dataDir, keep } = await setupMade()
  const { parent } = await startInParent('postgres', dataDir)
  const refused = expect.objectContaining({
    name: 'EmbeddedError',
    message: expect.stringMatching(
      `^${dataDir} is in use by process ${parent.pid} \\(.+\\); stop it first, or .+$`,
    ),
  })
  await expect(startPostgres({ dataDir })).rejects.toEqual(refused)
  await expect(startPostgres({ dataDir })).rejects.toEqual(refused)
  await kill(parent)
  await expect(keep(startPostgres({ dataDir }))).resolves.toMatchObject({ port: expect.any(Number) })
})

test('a start in the same process is refused too, and the folder is free again after a stop', async () => {
  const { dataDir, keep } = await setupMade()
  const first = await keep(startPostgres({ dataDir }))
  await expect(startPostgres({ dataDir })).rejects.toThrow(`is in use by process ${process.pid}`)
  // The refusal has not loosened the lock for others.
  const [code] = await once(spawnParent('postgres', dataDir), 'exit')
  expect(code).toBe(1)
  await first.stop()
  await expect(keep(startPostgres({ dataDir }))).resolves.toMatchObject({ port: expect.any(Number) })
})

test('a folder that cannot be written is said in one line', async () => {
  await expect(startPostgres({ dataDir: '/dev/null/x/postgres' })).rejects.toEqual(
    expect.objectContaining({
      name: 'EmbeddedError',
      message:
        'the data folder /dev/null/x cannot be written: a part of the path is not a folder; make it writable or choose another folder with STRAIT_DATA_DIR',
    }),
  )
})

test('a folder with other files in it is not touched', async () => {
  const { dataDir } = setup()
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'letter'), 'dear')
  await expect(startPostgres({ dataDir })).rejects.toThrow('holds files that are not Postgres')
  expect(readFileSync(join(dataDir, 'letter'), 'utf8')).toBe('dear')
})

test('a port that is taken is said in one line', async () => {
  const { dataDir } = await setupMade()
  await using blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as { port: number }
  await expect(startPostgres({ dataDir, port })).rejects.toEqual(
    expect.objectContaining({
      name: 'EmbeddedError',
      message: `port ${port} on 127.0.0.1 is taken: Postgres cannot listen there, choose another`,
    }),
  )
})

test('an initdb that was killed in the middle is made again from the beginning', async () => {
  const { dataDir, folder, keep } = setup()
  const parent = spawnParent('postgres', dataDir)
  const drafts = () => readdirSync(folder).filter((name) => name.includes('.init-'))
  await waitUntil(() => drafts().length > 0)
  await kill(parent)
  expect(readdirSync(folder)).not.toContain('data')
  const { url } = await keep(startPostgres({ dataDir }))
  expect(await sql(url, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(drafts()).toEqual([])
})

test('a start can be given up, and leaves the folder free', async () => {
  const { dataDir, folder, keep } = setup()
  const given = new AbortController()
  const starting = startPostgres({ dataDir, signal: given.signal })
  await waitUntil(() => readdirSync(folder).some((name) => name.includes('.init-')))
  given.abort(new Error('never mind'))
  await expect(starting).rejects.toThrow('never mind')
  await expect(keep(startPostgres({ dataDir }))).resolves.toMatchObject({ port: expect.any(Number) })
})

test('it runs below a folder that only its owner may enter, never as root, and opens nothing to others', async () => {
  const { dataDir, folder, keep } = setup()
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  const { url } = await keep(startPostgres({ dataDir }))
  expect(await sql(url, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(statSync(dataDir).uid).not.toBe(0)
  expect(statSync(`${dataDir}.password`).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('it stops at once though a client is in the middle of a transaction', async () => {
  const { dataDir, keep } = await setupMade()
  const { url, stop, exited } = await keep(startPostgres({ dataDir }))
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('begin; create table unfinished ()')
  await stop()
  expect(await exited).toEqual({ code: 0, signal: null })
})

test('a server that no longer answers is killed within 5 s', async () => {
  const { dataDir, keep } = await setupMade()
  const { pid, stop, exited } = await keep(startPostgres({ dataDir }))
  process.kill(pid, 'SIGSTOP')
  const begun = performance.now()
  await stop()
  expect(performance.now() - begun).toBeLessThan(5_000)
  expect(await exited).toEqual({ code: null, signal: 'SIGKILL' })
})

test('after a kill -9 of the server itself, a start at once recovers', async () => {
  const { dataDir, keep } = await setupMade()
  const first = await keep(startPostgres({ dataDir }))
  await sql(first.url, 'create table kept ()')
  process.kill(first.pid, 'SIGKILL')
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' })
  await first.stop()
  const second = await keep(startPostgres({ dataDir }))
  expect(await sql(second.url, 'select * from kept')).toEqual([])
})
