// Runs what an image would run, from the folder that stands for its root, with nothing of this checkout to help: Node's
// permission model refuses to read a file outside of the folder and to write any file at all, as a container with a
// read-only file system does.

import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Env } from '../services.ts'
import type { Image } from './build-image.ts'

const run = promisify(execFile)

/** A command line of an image, made for this machine. */
export function commandIn(image: Image, command: readonly [string, ...string[]]) {
  const [program, ...args] = command
  if (program !== 'node') throw new Error(`an image runs node, not ${program}`)
  // Absolute paths of the image lie below its folder here.
  const words = args.map((word) => (word.startsWith('/') ? join(image.folder, word) : word))
  return {
    command: [process.execPath, ...words] as readonly [string, ...string[]],
    cwd: join(image.folder, image.workdir),
  }
}

/** The environment of a container: the image's, the given one, and the bounds that stand in for the container's. */
export function environmentIn(image: Image, env: Env): Env {
  const NODE_OPTIONS = `--permission --allow-fs-read=${image.folder}`
  return { ...image.env, HOME: '/nonexistent', TMPDIR: '/nonexistent', ...env, NODE_OPTIONS }
}

/** Runs a command of an image to its end and answers what it said. */
export async function runToEnd(
  image: Image,
  words: readonly [string, ...string[]],
  env: Env,
): Promise<string> {
  const { command, cwd } = commandIn(image, words)
  const [program, ...args] = command
  const PATH = dirname(process.execPath)
  const { stdout } = await run(program, args, { cwd, env: { PATH, ...environmentIn(image, env) } })
  return stdout
}
