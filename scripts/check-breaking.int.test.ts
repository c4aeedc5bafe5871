import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkBreaking } from './check-breaking.ts'
import { git } from './tools/git.ts'

/** An empty repository, with what a story needs: write the proto, commit it, ask. */
async function setup() {
  const dir = mkdtempSync(join(tmpdir(), 'strait-breaking-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const tree = join(dir, 'tree')

  const run = async (...args: string[]) => {
    const done = await git(tree, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args)
    if (done.code !== 0) throw new Error(done.output)
  }
  const write = (...fields: string[]) => {
    mkdirSync(join(tree, 'proto/a/v1'), { recursive: true })
    writeFileSync(
      join(tree, 'buf.yaml'),
      'version: v2\nmodules: [{ path: proto }]\nbreaking: { use: [WIRE_JSON] }\n',
    )
    const text = `syntax = "proto3";\npackage a.v1;\nmessage A {\n${fields.join('\n')}\n}\n`
    writeFileSync(join(tree, 'proto/a/v1/a.proto'), text)
  }
  const commit = async (...fields: string[]) => {
    write(...fields)
    await run('add', '-A')
    await run('commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'next')
  }
  mkdirSync(tree)
  return { dir, tree, run, write, commit, init: () => run('init', '-q', '-b', 'main') }
}

const name = 'string name = 1;'
const size = 'int32 size = 2;'
const otherSize = 'string size = 2;'

test('without a repository, and at its first commit, there is nothing to compare with', async () => {
  const { tree, write, init, commit } = await setup()
  write(name)
  expect(await checkBreaking(tree)).toEqual({
    ok: true,
    said: expect.stringContaining('not a git repository'),
  })
  await init()
  expect(await checkBreaking(tree)).toEqual({ ok: true, said: 'Nothing to compare with: no commit yet.' })
  await commit(name)
  expect(await checkBreaking(tree)).toEqual({ ok: true, said: 'Nothing to compare with: no earlier commit.' })
})

test('on main, a change is compared with the commit before, and what is added breaks nothing', async () => {
  const { tree, init, commit } = await setup()
  await init()
  await commit(name)
  await commit(name, size)
  expect(await checkBreaking(tree)).toMatchObject({
    ok: true,
    said: expect.stringMatching(/^No break since/),
  })
  await commit(name, otherSize)
  expect(await checkBreaking(tree)).toMatchObject({
    ok: false,
    said: expect.stringContaining('a/v1/a.proto:5'),
  })
})

test('a break that is not committed yet is found', async () => {
  const { tree, init, commit, write } = await setup()
  await init()
  await commit(name)
  await commit(name, size)
  write(name, otherSize)
  expect((await checkBreaking(tree)).ok).toBe(false)
})

test('on a branch the merge base counts: what the branch itself added is still free', async () => {
  const { tree, init, commit, run } = await setup()
  await init()
  await commit(name)
  await run('update-ref', 'refs/remotes/origin/main', 'HEAD')
  await commit(name, size)
  await commit(name, otherSize)
  expect((await checkBreaking(tree)).ok).toBe(true)
  await commit('int32 name = 1;', otherSize)
  expect((await checkBreaking(tree)).ok).toBe(false)
})

test('a detached worktree is compared like any other', async () => {
  const { dir, init, commit, run } = await setup()
  await init()
  await commit(name, size)
  await commit(name, otherSize)
  await run('worktree', 'add', '-q', '--detach', join(dir, 'other'))
  expect((await checkBreaking(join(dir, 'other'))).ok).toBe(false)
})

test('a clone that is too shallow says so', async () => {
  const { dir, tree, init, commit, run } = await setup()
  await init()
  await commit(name, size)
  await commit(name, otherSize)
  await run('clone', '-q', '--depth', '1', `file://${tree}`, join(dir, 'other'))
  expect(await checkBreaking(join(dir, 'other'))).toEqual({
    ok: true,
    said: expect.stringContaining('too shallow'),
  })
})
