// Carries out a Dockerfile without a container engine, in a folder: it copies exactly what the COPY lines name and
// .dockerignore lets through, and runs the RUN lines. The folder stands for the root of the image's file system. What the
// base image brings, and what is installed into it by name, comes from this machine.

import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { root } from '../places.ts'
import { readDockerIgnore } from './docker-ignore.ts'
import {
  type Dockerfile,
  type Instruction,
  readAssignment,
  readExecForm,
  type Stage,
  substitute,
} from './dockerfile.ts'

type Args = Readonly<Record<string, string>>

export interface BuildOptions {
  readonly target: string
  readonly args: Args
  /** An empty folder. */
  readonly folder: string
  /** Runs a line in a folder. */
  readonly run: (line: string, cwd: string, args: Args) => Promise<void>
}

/** What would be in an image. */
export interface Image {
  /** The folder that is its root. */
  readonly folder: string
  readonly workdir: string
  readonly env: Args
  readonly user: string
  readonly stopSignal: string
  readonly entrypoint: readonly [string, ...string[]] | undefined
  readonly healthCheck: readonly [string, ...string[]] | undefined
}

type Draft = { -readonly [K in keyof Image]: Image[K] }

/** Builds a target and, before it, the stages it is made of. */
export async function buildImage(file: Dockerfile, options: BuildOptions): Promise<Image> {
  const { target, folder } = options
  const stage = file.stages.find(({ name }) => name === target)
  if (stage === undefined) throw new Error(`there is no stage ${target}`)
  const image: Draft = file.stages.some(({ name }) => name === stage.from)
    ? { ...(await buildImage(file, { ...options, target: stage.from })) }
    : emptyImage(folder)
  await carryOut(file, stage, image, options)
  return image
}

function emptyImage(folder: string): Draft {
  mkdirSync(folder, { recursive: true })
  const config = { workdir: '/', env: {}, user: '', stopSignal: '' }
  return { folder, ...config, entrypoint: undefined, healthCheck: undefined }
}

async function carryOut(file: Dockerfile, stage: Stage, image: Draft, options: BuildOptions) {
  const args: Record<string, string> = {}
  for (const instruction of stage.instructions) {
    const rest = substitute(instruction.rest, args)
    switch (instruction.word) {
      case 'ARG':
        Object.assign(args, readAssignment(rest), pick(options.args, rest.split('=')[0] ?? ''))
        break
      case 'WORKDIR':
        image.workdir = posix.resolve(image.workdir, rest)
        mkdirSync(inside(image, image.workdir), { recursive: true })
        break
      case 'COPY':
        await copy(file, instruction, rest, image, options)
        break
      case 'RUN':
        await options.run(instruction.rest, inside(image, image.workdir), args)
        break
      case 'ENV':
        image.env = { ...image.env, ...readAssignment(rest) }
        break
      case 'USER':
        image.user = rest
        break
      case 'STOPSIGNAL':
        image.stopSignal = rest
        break
      case 'ENTRYPOINT':
        // Docker puts no variables into it, so they are left as they stand.
        image.entrypoint = readExecForm(instruction.rest)
        break
      case 'HEALTHCHECK':
        image.healthCheck = readExecForm(instruction.rest.replace(/^CMD\s+/, ''))
        break
      case 'LABEL':
        break
      default:
        throw new Error(`do not know how to carry out ${instruction.word}`)
    }
  }
}

function pick(args: Args, name: string): Args {
  return args[name] === undefined ? {} : { [name]: args[name] }
}

function inside(image: Image, path: string): string {
  return join(image.folder, posix.resolve(image.workdir, path))
}

async function copy(
  file: Dockerfile,
  { flags }: Instruction,
  rest: string,
  image: Image,
  options: BuildOptions,
) {
  const words = rest.split(/\s+/)
  const target = words.pop() ?? ''
  const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length)
  if (from === undefined) {
    for (const source of words) copyFromContext(source, image, target)
    return
  }
  const folder = `${options.folder}-${from}`
  const other = await buildImage(file, { ...options, target: from, folder })
  for (const source of words) {
    const place = inside(image, target)
    mkdirSync(dirname(place), { recursive: true })
    // Built for this copy alone, so it is moved.
    renameSync(inside(other, source), place)
  }
}

/** A folder's content goes into the target; a file goes into a target that ends with a slash. */
function copyFromContext(source: string, image: Image, target: string): void {
  const isIgnored = readDockerIgnore(readFileSync(join(root, '.dockerignore'), 'utf8'))
  const files = filesBelow(source).filter((file) => !isIgnored(file))
  if (files.length === 0) throw new Error(`COPY ${source}: nothing of it reaches the build`)
  for (const file of files) {
    const isFile = file === source
    const name = isFile ? posix.basename(file) : file.slice(source.length + 1)
    const place = isFile && !target.endsWith('/') ? inside(image, target) : join(inside(image, target), name)
    mkdirSync(dirname(place), { recursive: true })
    cpSync(join(root, file), place)
  }
}

function filesBelow(path: string): string[] {
  try {
    return readdirSync(join(root, path), { withFileTypes: true })
      .filter(({ name }) => name !== 'node_modules')
      .flatMap((entry) => {
        const below = posix.join(path, entry.name)
        return entry.isDirectory() ? filesBelow(below) : [below]
      })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path]
    throw error
  }
}
