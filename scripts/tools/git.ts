import { runTool, type ToolResult } from './run-tool.ts'

/** Runs git in a folder. */
export function git(cwd: string, ...args: string[]): Promise<ToolResult> {
  return runTool('git', ['-C', cwd, ...args])
}

/** The commit that a name stands for, or undefined when there is none. */
export async function findCommit(cwd: string, name: string): Promise<string | undefined> {
  const found = await git(cwd, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`)
  return found.code === 0 ? found.output : undefined
}
