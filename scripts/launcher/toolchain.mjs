// Brings what the project is run with, on any machine with Node 20 and npm: Node 24 (which runs .ts files), pnpm 12, and
// the packages of the lockfile. What is there already is not fetched again: a stamp in node_modules says which lockfile was
// installed and where a fetched Node lies.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { forPackageManagers } from './npm-env.mjs'
import { runTool } from './run.mjs'

const NODE = 24
const PNPM = 12

export const root = fileURLToPath(new URL('../..', import.meta.url))
const stampFile = join(root, 'node_modules', '.strait-lock')

/** What a person can act on; the launcher prints its message and ends with its code. */
export class LaunchError extends Error {
  name = 'LaunchError'

  constructor(message, code = 1) {
    super(message)
    this.code = code
  }
}

/** Installs what is missing and returns the path of a Node that runs the project. */
export async function prepare() {
  const stamp = readStamp()
  const lock = lockHash()
  if (stamp.lock === lock) {
    if (isNewEnough(process.version)) return process.execPath
    if (await runs(stamp.node)) return stamp.node
  }
  const tools = await findTools()
  say('installing packages …')
  await mustRun(tools.pnpm, ['install', '--frozen-lockfile'], 'pnpm install', dirname(tools.node))
  writeFileSync(stampFile, JSON.stringify({ lock, node: tools.node }))
  return tools.node
}

async function findTools() {
  const enough = isNewEnough(process.version)
  if (enough && (await isPnpmOnPath())) return { node: process.execPath, pnpm: 'pnpm' }
  say(enough ? `getting pnpm ${PNPM} …` : `getting Node ${NODE} and pnpm ${PNPM} …`)
  const packages = [...(enough ? [] : [`node@${NODE}`]), `pnpm@${PNPM}`].flatMap((name) => ['-p', name])
  // npx puts the folder of its programs first on the path of what it runs.
  const where = 'console.log(JSON.stringify({ node: process.execPath, path: process.env.PATH }))'
  const stdout = await mustRun('npx', ['-y', ...packages, 'node', '-e', where], 'npx')
  const { node, path } = JSON.parse(stdout.trim().split('\n').at(-1))
  const pnpm = path
    .split(':')
    .map((folder) => join(folder, 'pnpm'))
    .find((file) => existsSync(file))
  return { node, pnpm }
}

/** A fetched Node may have been removed with npm's cache, and an installed one replaced by an older one. */
async function runs(node) {
  if (!node) return false
  const { code, stdout } = await runTool(node, ['--version'], process.env)
  return code === 0 && isNewEnough(stdout)
}

async function isPnpmOnPath() {
  const { code, stdout } = await runTool('pnpm', ['--version'], forPackageManagers(process.env))
  return code === 0 && stdout.startsWith(`${PNPM}.`)
}

/** Runs a tool that must succeed; what it printed is shown only if it does not. */
async function mustRun(file, args, name, firstOnPath) {
  const env = forPackageManagers(process.env)
  if (firstOnPath) env.PATH = `${firstOnPath}:${env.PATH}`
  const { code, stdout, output, told } = await runTool(file, args, { ...env, CI: 'true' })
  if (told) throw new LaunchError('stopped', told === 'SIGINT' ? 130 : 143)
  if (code !== 0)
    throw new LaunchError(`${output.trimEnd()}\n${name} failed (${code}); mend what it says and start again`)
  return stdout
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    return {}
  }
}

/** Changes with anything that would change an install. */
function lockHash() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function isNewEnough(version) {
  return Number.parseInt(version.slice(1), 10) >= NODE
}

function say(line) {
  console.log(line)
}
