// Old clients and new services must go on understanding each other: compares proto/ as it lies here, committed or not,
// with the newest state that others may have built on. On a branch that is the merge base with origin/main; on main
// itself, where those two are one, it is the commit before, and HEAD too while proto/ has uncommitted changes.
// Where there is nothing to compare with (no git, a first commit, a clone too shallow to know) it says so and passes.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCommit, git } from './tools/git.ts'
import { notStarted, root, runTool, type ToolResult } from './tools/run-tool.ts'

interface Verdict {
  readonly ok: boolean
  readonly said: string
}

/** Compares the protos of a working tree with those of the states before it. */
export async function checkBreaking(tree: string): Promise<Verdict> {
  const states = await statesBefore(tree)
  if (typeof states === 'string') return { ok: true, said: `Nothing to compare with: ${states}.` }
  const verdicts: Verdict[] = []
  for (const state of states) verdicts.push(await compareWith(tree, state))
  return { ok: verdicts.every((one) => one.ok), said: verdicts.map((one) => one.said).join('\n') }
}

/** The commits to compare with, or why there are none. */
async function statesBefore(tree: string): Promise<readonly string[] | string> {
  const inside = await git(tree, 'rev-parse', '--is-shallow-repository', '--show-prefix')
  if (inside.code !== 0) return `git says "${inside.output.split('\n')[0]}"`
  const [shallow, prefix = ''] = inside.output.split('\n')
  if (prefix !== '') return 'this folder is not the root of its repository'
  const head = await findCommit(tree, 'HEAD')
  if (head === undefined) return 'no commit yet'

  const shared = await git(tree, 'merge-base', 'HEAD', 'refs/remotes/origin/main')
  if (shared.code === 0 && shared.output !== head) return [shared.output]

  const changed = await git(tree, 'status', '--porcelain', '--untracked-files=all', '--', 'proto', 'buf.yaml')
  const uncommitted = changed.output === '' ? [] : [head]
  const parent = await findCommit(tree, 'HEAD^1')
  const states = parent === undefined ? uncommitted : [...uncommitted, parent]
  if (states.length > 0) return states
  return shallow === 'true' ? 'the clone is too shallow to hold the commit before' : 'no earlier commit'
}

async function compareWith(tree: string, commit: string): Promise<Verdict> {
  const name = commit.slice(0, 10)
  const held = await git(tree, 'ls-tree', '-r', '--name-only', commit, '--', 'proto', 'buf.yaml')
  if (!held.output.includes('.proto'))
    return { ok: true, said: `Nothing to compare with: ${name} has no proto/ yet.` }

  const temp = mkdtempSync(join(tmpdir(), 'strait-breaking-'))
  try {
    const image = join(temp, 'before.binpb')
    const built = await buildImage(tree, commit, temp, image)
    if (built.code === notStarted) return { ok: false, said: built.output }
    // A state that cannot be built has no users to break, and failing here would leave no way to mend it.
    if (built.code !== 0) return { ok: true, said: `Not compared: ${name} cannot be built.\n${built.output}` }
    const { code, output } = await runTool('buf', ['breaking', 'proto', '--against', image], { cwd: tree })
    if (code === 0) return { ok: true, said: `No break since ${name}.` }
    return { ok: false, said: `Broken since ${name}:\n${output}` }
  } finally {
    rmSync(temp, { recursive: true, force: true })
  }
}

/** Builds the protos of a commit, with the buf.yaml of that commit and the packages that are installed now. */
async function buildImage(tree: string, commit: string, temp: string, image: string): Promise<ToolResult> {
  const before = join(temp, 'tree')
  const archive = join(temp, 'tree.tar')
  mkdirSync(before)
  symlinkSync(join(root, 'node_modules'), join(before, 'node_modules'))
  const packed = await git(tree, 'archive', '--format=tar', '-o', archive, commit, 'proto', 'buf.yaml')
  if (packed.code !== 0) return packed
  const unpacked = await runTool('tar', ['-xf', archive, '-C', before])
  if (unpacked.code !== 0) return unpacked
  return runTool('buf', ['build', 'proto', '-o', image], { cwd: before })
}

if (import.meta.main) {
  const { ok, said } = await checkBreaking(root)
  console.log(said)
  if (!ok) process.exitCode = 1
}
