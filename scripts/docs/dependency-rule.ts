// Every package that is not ours has its sentence in docs/dependencies.md, and none has one without being there.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Manifest, readTree } from '../imports/read-tree.ts'
import type { DocFinding, DocRule, Page } from './doc-rule.ts'

const page = 'docs/dependencies.md'
const workspace = 'pnpm-workspace.yaml'
const entry = /^- `([^`]+)`: (.*)$/

export const dependencyRule: DocRule = {
  name: 'every dependency has its reason',
  why: `Each dependency is code that runs with our rights: ${page} says in a sentence what it does that a few lines of ours would not.`,
  check(root, pages) {
    const used = usedPackages(root)
    const reasons = readReasons(pages)
    return [...missing(used, reasons), ...extra(used, reasons), ...unusedInCatalog(root, used)]
  },
}

interface Reason {
  /** A package, or `@scope/*` for all of a scope. */
  readonly name: string
  readonly line: number
  readonly sentence: string
}

/** Every package of somebody else that one of ours names. */
function usedPackages(root: string): ReadonlySet<string> {
  const manifests = readTree(root).packages.map(({ manifest }) => manifest)
  const ranges = manifests.flatMap((manifest) => dependenciesOf(manifest))
  return new Set(ranges.filter(([, range]) => !range.startsWith('workspace:')).map(([name]) => name))
}

function dependenciesOf(manifest: Manifest): [string, string][] {
  const { dependencies, devDependencies, optionalDependencies } = manifest
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
}

function readReasons(pages: readonly Page[]): readonly Reason[] {
  const lines = pages.find(({ path }) => path === page)?.lines ?? []
  return lines.flatMap((line, index) => {
    const [, name, sentence] = entry.exec(line) ?? []
    return name === undefined || sentence === undefined ? [] : [{ name, line: index + 1, sentence }]
  })
}

function covers({ name }: Reason, dependency: string): boolean {
  return name.endsWith('/*') ? dependency.startsWith(name.slice(0, -1)) : name === dependency
}

function missing(used: ReadonlySet<string>, reasons: readonly Reason[]): DocFinding[] {
  return [...used]
    .filter((name) => !reasons.some((reason) => covers(reason, name)))
    .map((name) => ({ file: page, line: 1, what: `${name} is not on the list` }))
}

function extra(used: ReadonlySet<string>, reasons: readonly Reason[]): DocFinding[] {
  return reasons.flatMap((reason, index) => {
    const { name, line } = reason
    if (reasons.findIndex((one) => one.name === name) !== index)
      return [{ file: page, line, what: `${name} stands twice` }]
    return [...used].some((dependency) => covers(reason, dependency))
      ? []
      : [{ file: page, line, what: `no package of ours depends on ${name}` }]
  })
}

/** A version that is named and that nobody asks for. */
function unusedInCatalog(root: string, used: ReadonlySet<string>): DocFinding[] {
  const file = join(root, workspace)
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  const begin = lines.indexOf('catalog:')
  if (begin < 0) return []
  const length = lines.slice(begin + 1).findIndex((line) => /^\S/.test(line))
  const end = length < 0 ? lines.length : begin + 1 + length
  return lines.slice(0, end).flatMap((line, index) => {
    const name = index > begin ? /^ {2}'?([^'#\s][^':]*)'?:/.exec(line)?.[1] : undefined
    if (name === undefined || used.has(name)) return []
    return [{ file: workspace, line: index + 1, what: `no package of ours asks for ${name}` }]
  })
}
