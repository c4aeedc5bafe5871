// What a package may import because its package.json says so, and that it says nothing it does not need.

import type { Manifest, Package, SourceFile, Tree } from './read-tree.ts'
import { packageOf } from './resolve-import.ts'
import { eachImport, type Finding, type Rule } from './rule.ts'

/** What the root declares and nobody imports, with what uses it instead. */
const usedByTheRoot = new Map([
  ['@biomejs/biome', 'run by scripts/check.ts'],
  ['@bufbuild/buf', 'run by scripts/generate.ts and scripts/check-breaking.ts'],
  ['@bufbuild/protoc-gen-es', 'run by buf, named in buf.gen.yaml'],
  ['@grpc/reflection', 'its .proto files are a module of buf.yaml'],
  ['google-proto-files', 'its .proto files are a module of buf.yaml'],
  ['grpc-health-check', 'its .proto files are a module of buf.yaml'],
  ['typescript', 'run by scripts/check.ts'],
])

/** Every test imports the runner, and the root, which runs them all, declares it for them. */
const testRunner = 'vitest'

const testTools = new Set([testRunner, 'fast-check', '@strait/testkit'])

export const dependencyRules: readonly Rule[] = [
  {
    name: 'every import is declared',
    why: 'An image installs one package and what it declares; anything else is found only by luck, and a devDependency is not there.',
    check: eachImport((file, found) => {
      const name = packageOf(found.specifier)
      const owner = file.package
      if (name === undefined || name === owner.name) return undefined
      if (name === testRunner && file.isTest) return undefined
      if (declared(owner.manifest, 'dependencies').includes(name)) return undefined
      if (declared(owner.manifest, 'optionalDependencies').includes(name)) return undefined
      const isDev = declared(owner.manifest, 'devDependencies').includes(name)
      if (!isDev) return `imports ${name}, which ${manifestPath(owner)} does not name`
      const shipped = file.inPackage.startsWith('src/') && !file.isTest && !found.typeOnly
      return shipped
        ? `imports ${name} at run time, but ${manifestPath(owner)} has it in devDependencies`
        : undefined
    }),
  },
  {
    name: 'no unused dependency',
    why: 'Each dependency is code that runs with our rights, is fetched by every install and has to be kept up to date.',
    check: (tree) => tree.packages.flatMap((owner) => unusedIn(tree, owner)),
  },
  {
    name: 'test tools stay in tests',
    why: 'What is shipped must not carry a test runner or start databases.',
    check: eachImport((file, found) => {
      const owner = file.package.dir
      const isTooling = owner === '' || owner === 'libs/testkit'
      if (file.isTest || isTooling || !testTools.has(packageOf(found.specifier) ?? '')) return undefined
      return `imports ${found.specifier}`
    }),
  },
]

type Section = 'dependencies' | 'devDependencies' | 'optionalDependencies'

function declared(manifest: Manifest, section: Section): string[] {
  return Object.keys(manifest[section] ?? {})
}

function manifestPath(owner: Package): string {
  return owner.dir === '' ? 'package.json' : `${owner.dir}/package.json`
}

function unusedIn(tree: Tree, owner: Package): Finding[] {
  const files = tree.files.filter((file) => file.package === owner)
  const specifiers = files.flatMap((file) => file.imports.map((found) => found.specifier))
  const imported = new Set(specifiers.map(packageOf))
  const importsNode = specifiers.some((specifier) => specifier.startsWith('node:'))

  const isUsed = (name: string, section: Section): boolean => {
    if (imported.has(name)) return true
    if (name === '@types/node') return importsNode
    if (name.startsWith('@types/')) return imported.has(name.slice('@types/'.length))
    if (owner.dir === '' && usedByTheRoot.has(name)) return true
    // A package for one platform is found by a name put together at run time: its scope must stand in some string.
    return files.some((file) => names(file, section === 'optionalDependencies' ? scopeOf(name) : name))
  }

  const sections: Section[] = ['dependencies', 'devDependencies', 'optionalDependencies']
  return sections.flatMap((section) =>
    declared(owner.manifest, section)
      .filter((name) => !isUsed(name, section))
      .map((name) => ({
        file: manifestPath(owner),
        line: lineOf(owner, name),
        what: `${name} is used nowhere`,
      })),
  )
}

function scopeOf(name: string): string {
  return name.startsWith('@') ? (name.split('/')[0] ?? name) : name
}

/** Whether a string of the file names the package or a file in it, as in `require.resolve('x/package.json')`. */
function names(file: SourceFile, name: string): boolean {
  return ["'", '"', '`'].some((quote) =>
    [quote, '/'].some((end) => {
      const at = file.text.indexOf(`${quote}${name}${end}`)
      return at >= 0 && file.mask[at] === quote
    }),
  )
}

function lineOf(owner: Package, name: string): number {
  return owner.manifestText.split('\n').findIndex((line) => line.includes(`"${name}":`)) + 1
}
