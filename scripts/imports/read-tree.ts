import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { maskSource } from './mask-source.ts'
import { type Import, readImports } from './read-imports.ts'

/** One package of the workspace; the repository's root, with its scripts, is one too. */
export interface Package {
  /** Path from the root, `''` for the root itself. */
  readonly dir: string
  readonly name: string
  readonly manifest: Manifest
  readonly manifestText: string
}

export interface Manifest {
  readonly name?: string
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** One source file, read once for all rules. */
export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string
  readonly package: Package
  /** Path from the package's folder. */
  readonly inPackage: string
  readonly text: string
  readonly mask: string
  readonly imports: readonly Import[]
  /** Code that only tests run: `*.test.ts`, a `test` folder, e2e. */
  readonly isTest: boolean
}

export interface Tree {
  readonly packages: readonly Package[]
  readonly files: readonly SourceFile[]
  readonly byPath: ReadonlyMap<string, SourceFile>
}

const code = /\.(?:ts|mts|js|mjs)$/
const typings = /\.d\.m?ts$/

/** Reads every package and every source file below a folder; dot folders and node_modules are no part of it. */
export function readTree(root: string): Tree {
  const packages: Package[] = []
  const files: SourceFile[] = []

  const readFolder = (dir: string, owner: Package | undefined) => {
    const own = existsSync(join(root, dir, 'package.json')) ? readPackage(root, dir) : owner
    if (own !== undefined && own !== owner) packages.push(own)
    for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
      const path = posix.join(dir, entry.name)
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      if (entry.isDirectory()) readFolder(path, own)
      else if (own !== undefined && code.test(path) && !typings.test(path))
        files.push(readSource(root, path, own))
    }
  }

  readFolder('', undefined)
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { packages, files, byPath: new Map(files.map((file) => [file.path, file])) }
}

function readPackage(root: string, dir: string): Package {
  const manifestText = readFileSync(join(root, dir, 'package.json'), 'utf8')
  const manifest = JSON.parse(manifestText) as Manifest
  return { dir, name: manifest.name ?? dir, manifest, manifestText }
}

function readSource(root: string, path: string, owner: Package): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const mask = maskSource(text)
  const inPackage = owner.dir === '' ? path : path.slice(owner.dir.length + 1)
  const isTest = /\.test\.m?ts$/.test(path) || inPackage.startsWith('test/') || owner.dir === 'e2e'
  return { path, package: owner, inPackage, text, mask, imports: readImports(text, mask), isTest }
}
