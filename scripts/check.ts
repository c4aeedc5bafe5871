// Everything that can be said about the tree without running it, in one command and side by side: `pnpm check`.
// One line each; only what failed speaks. `--fix` first writes what machines can write.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, runTool } from './tools/run-tool.ts'

interface Check {
  readonly name: string
  readonly command: readonly [program: string, ...args: string[]]
  /** Run only where this file is there. */
  readonly needs?: string
}

const node = process.execPath

const fixes: readonly Check[] = [
  { name: 'proto format', command: ['buf', 'format', 'proto', '--write'] },
  { name: 'generate', command: [node, 'scripts/generate.ts'] },
  { name: 'settings page', command: [node, 'scripts/config-docs.ts'] },
  { name: 'lifecycle page', command: [node, 'scripts/lifecycle-docs.ts'] },
  { name: 'errors page', command: [node, 'scripts/errors-docs.ts'] },
  { name: 'format and lint', command: ['biome', 'check', '--colors=off', '--write', '.'] },
]

const checks: readonly Check[] = [
  {
    name: 'format and lint',
    command: ['biome', 'ci', '--colors=off', '--error-on-warnings', '--max-diagnostics=50', '.'],
  },
  { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'imports', command: [node, 'scripts/check-imports.ts'] },
  { name: 'proto format', command: ['buf', 'format', 'proto', '--diff', '--exit-code'] },
  { name: 'proto lint', command: ['buf', 'lint', 'proto'] },
  { name: 'proto breaking', command: [node, 'scripts/check-breaking.ts'] },
  { name: 'access', command: [node, 'scripts/check-access.ts'] },
  { name: 'generated code', command: [node, 'scripts/generate.ts', '--check'] },
  { name: 'docs', command: [node, 'scripts/check-docs.ts'], needs: 'scripts/check-docs.ts' },
]

async function run({ name, command, needs }: Check): Promise<boolean> {
  if (needs !== undefined && !existsSync(join(root, needs))) return true
  const [program, ...args] = command
  const begun = performance.now()
  const { code, output } = await runTool(program, args)
  const secs = ((performance.now() - begun) / 1000).toFixed(1)
  const ok = code === 0
  console.log(`${ok ? '✓' : '✗'} ${name} ${secs} s`)
  if (!ok) console.log(output.replace(/^/gm, '    '))
  return ok
}

const outcomes: boolean[] = []
if (process.argv.includes('--fix')) for (const fix of fixes) outcomes.push(await run(fix))
outcomes.push(...(await Promise.all(checks.map(run))))
if (outcomes.includes(false)) process.exitCode = 1
