import { spawn } from 'node:child_process'
import { delimiter, dirname, join, resolve } from 'node:path'

/** The repository's root folder. */
export const root = resolve(import.meta.dirname, '../..')
const bin = join(root, 'node_modules/.bin')

// Git looks at the repository it is run in, also when a hook's environment names another; no tool paints its output.
const dropped = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'FORCE_COLOR'])
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.has(name)))

/** The exit code of a tool that could not be started, as a shell has it. */
export const notStarted = 127

/** How a tool ended: its exit code and all it said, in the order it said it. */
export interface ToolResult {
  readonly code: number
  readonly output: string
}

/** Runs a program, those of node_modules/.bin first, with the Node that runs us, and collects what it says. */
export function runTool(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<ToolResult> {
  const PATH = [bin, dirname(process.execPath), process.env.PATH].join(delimiter)
  const { promise, resolve: done } = Promise.withResolvers<ToolResult>()
  const child = spawn(program, args, {
    cwd: options.cwd ?? root,
    env: { ...inherited, PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const collect = (chunk: string) => {
    output += chunk
  }
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  child.once('error', (error) =>
    done({ code: notStarted, output: `${program} cannot be started: ${error.message}` }),
  )
  child.once('close', (code) => done({ code: code ?? 1, output: output.trimEnd() }))
  return promise
}
