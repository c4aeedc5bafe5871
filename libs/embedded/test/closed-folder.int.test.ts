import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { choosePostgresAccount } from '../src/postgres-account.ts'
import { findPostgresBinaries } from '../src/postgres-binaries.ts'
import { runCommand } from '../src/run-command.ts'

// A fresh clone of root's lies as a whole in a folder that nobody else may enter: the binaries too.
test('initdb finds its own binaries below a folder that only their owner may enter', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strait-closed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const binaries = findPostgresBinaries()
  const native = dirname(dirname(binaries.initdb))
  expect(await runCommand('cp', ['-a', native, folder])).toMatchObject({ ok: true })
  const moved = (file: string) => join(folder, 'native', relative(native, file))
  const closed = {
    initdb: moved(binaries.initdb),
    postgres: moved(binaries.postgres),
    sampleFile: moved(binaries.sampleFile),
  }
  const data = join(folder, 'data')
  mkdirSync(data)
  const account = choosePostgresAccount(join(data, 'postgres'), closed)
  const { owner } = account
  if (owner !== undefined)
    expect(await runCommand('chown', [`${owner.uid}:${owner.gid}`, data])).toMatchObject({ ok: true })
  // Looks for its siblings with access(2), and does nothing else.
  const { file, args, ...ids } = account.command(closed.initdb, [
    '--show',
    '-D',
    join(data, 'postgres'),
    '-U',
    'strait',
  ])
  const ran = await runCommand(file, args, ids)
  expect(ran.output).not.toContain('Permission denied')
  expect(ran.ok).toBe(true)
})
