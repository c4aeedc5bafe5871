import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fetchNatsRelease } from '../src/fetch-nats-release.ts'
import { type FetchNatsServer, findNatsServer } from '../src/find-nats-server.ts'
import { runCommand } from '../src/run-command.ts'
import { setup } from './fixtures/setup.ts'

/** A program that says which nats-server it is. */
function writeNatsServer(file: string, version = '2.9.10'): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\necho nats-server: v${version}\n`)
  chmodSync(file, 0o755)
  return file
}

const fetches =
  (version: string): FetchNatsServer =>
  async (folder) =>
    writeNatsServer(join(folder, 'usr', 'sbin', 'nats-server'), version)

const fails: FetchNatsServer = async () => {
  throw new Error('no network')
}

test('the one on the PATH comes first, then the one in the cache', async () => {
  const { folder } = setup()
  const [cache, bin] = [join(folder, 'cache'), join(folder, 'bin')]
  const cached = writeNatsServer(join(cache, 'nats-server'))
  expect(await findNatsServer(cache, { path: bin, sources: [fails] })).toBe(cached)
  const installed = writeNatsServer(join(bin, 'nats-server'))
  expect(await findNatsServer(cache, { path: `/nowhere:${bin}`, sources: [fails] })).toBe(installed)
})

test('one that is too old or does not run is passed over', async () => {
  const { folder } = setup()
  const [cache, bin] = [join(folder, 'cache'), join(folder, 'bin')]
  writeNatsServer(join(bin, 'nats-server'), '2.8.4')
  writeFileSync(join(folder, 'nats-server'), 'not a program', { mode: 0o755 })
  const found = await findNatsServer(cache, { path: `${folder}:${bin}`, sources: [fails, fetches('2.12.3')] })
  expect(found).toBe(join(cache, 'nats-server'))
})

test('what was fetched is found in the cache the next time', async () => {
  const { folder: cache } = setup()
  const fetched = await findNatsServer(cache, { path: '', sources: [fetches('2.10.0')] })
  expect(await findNatsServer(cache, { path: '', sources: [fails] })).toBe(fetched)
})

test('many at once fill one cache and each gets a whole program', async () => {
  const { folder: cache } = setup()
  const options = { path: '', sources: [fetches('2.10.0')] }
  const found = await Promise.all(Array.from({ length: 8 }, () => findNatsServer(cache, options)))
  expect(new Set(found)).toEqual(new Set([join(cache, 'nats-server')]))
  expect(readdirSync(cache)).toEqual(['nats-server'])
})

test('when none is to be had, one line says why and what to do, and the cache stays empty', async () => {
  const { folder: cache } = setup()
  await expect(findNatsServer(cache, { path: '', sources: [fails, fetches('1.4.1')] })).rejects.toEqual(
    expect.objectContaining({
      name: 'EmbeddedError',
      message:
        'no nats-server is to be had (no network; the fetched nats-server does not run here): install nats-server 2.9 or later, or set NATS_URL to one that runs',
    }),
  )
  expect(readdirSync(cache)).toEqual([])
})

/** A place that serves a release as its project does. */
async function serveRelease(folder: string, { checksum }: { checksum?: string } = {}) {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const name = `nats-server-v2.12.3-${process.platform}-${arch}`
  writeNatsServer(join(folder, name, 'nats-server'), '2.12.3')
  await runCommand('tar', ['-czf', `${name}.tar.gz`, name], { cwd: folder })
  const archive = readFileSync(join(folder, `${name}.tar.gz`))
  const sum = checksum ?? createHash('sha256').update(archive).digest('hex')
  const files: Record<string, string | Buffer> = {
    '/v2.12.3/SHA256SUMS': `${'0'.repeat(64)}  other.tar.gz\n${sum}  ${name}.tar.gz\n`,
    [`/v2.12.3/${name}.tar.gz`]: archive,
  }
  const server = createServer(({ url = '' }, response) => {
    const file = files[url]
    response.writeHead(file ? 200 : 404).end(file)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a release with the right checksum is unpacked', async () => {
  const { folder } = setup()
  const releases = await serveRelease(folder)
  const target = join(folder, 'target')
  mkdirSync(target)
  const binary = await fetchNatsRelease(target, { releases })
  expect(await runCommand(binary, ['--version'])).toEqual({ ok: true, output: 'nats-server: v2.12.3\n' })
})

test('a release with another checksum is refused, and nothing of it is kept', async () => {
  const { folder } = setup()
  const releases = await serveRelease(folder, { checksum: 'f'.repeat(64) })
  const target = join(folder, 'target')
  mkdirSync(target)
  await expect(fetchNatsRelease(target, { releases })).rejects.toThrow('has not the checksum of its release')
  expect(readdirSync(target)).toEqual([])
})

test('a release that cannot be reached is told with its address', async () => {
  const { folder } = setup()
  await expect(fetchNatsRelease(folder, { releases: 'http://127.0.0.1:1' })).rejects.toThrow(
    'http://127.0.0.1:1',
  )
})
