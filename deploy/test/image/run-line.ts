// Runs a RUN line of the Dockerfile here, with the pnpm that it names.

import { execFile } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Runs lines of a Dockerfile; installing pnpm is answered by the one that is here, which must be of the same kind. */
export async function createLineRunner() {
  const { folder, version } = await findPnpm()
  const major = version.split('.')[0]
  return async (line: string, cwd: string, args: Readonly<Record<string, string>>): Promise<void> => {
    if (/^npm install --global pnpm@\$\{PNPM_VERSION\}$/.test(line)) {
      if (args.PNPM_VERSION?.split('.')[0] === major) return
      throw new Error(`the image has pnpm ${args.PNPM_VERSION}, the workspace is installed with ${version}`)
    }
    const env = {
      ...cleanEnv([folder, dirname(process.execPath)]),
      ...args,
      pnpm_config_prefer_offline: 'true',
    }
    await run('sh', ['-c', line], { cwd, env }).catch((error) => {
      throw new Error(`RUN ${line}\n${error.stdout}${error.stderr}`, { cause: error })
    })
  }
}

async function findPnpm(): Promise<{ readonly folder: string; readonly version: string }> {
  // The last one is what `npm test` got its own pnpm with, so nothing is fetched again.
  const ways = [
    ['sh', '-c', 'command -v pnpm && pnpm --version'],
    ['npx', '-y', '-p', 'node@24', '-p', 'pnpm@12', '-c', 'command -v pnpm && pnpm --version'],
  ] as const
  for (const [program, ...args] of ways) {
    const found = await run(program, args, { env: cleanEnv([]) }).catch(() => undefined)
    const [path, version] = found?.stdout.trim().split('\n').slice(-2) ?? []
    if (path !== undefined && version?.startsWith('12.')) return { folder: join(path, '..'), version }
  }
  throw new Error('pnpm 12 is neither on the path nor to be had with npx')
}

/** Without what npm told its own script, which a nested npm would take for its own command line. */
function cleanEnv(first: readonly string[]): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))
  const PATH = [...first, process.env.PATH].join(delimiter)
  return { ...Object.fromEntries(own), PATH }
}
