import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import type { Package, SourceFile, Tree } from './read-tree.ts'

/** The name of the package that a specifier names; undefined for a relative path and for a module of Node. */
export function packageOf(specifier: string): string | undefined {
  if (/^[./#]/.test(specifier) || isBuiltin(specifier)) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The path from the root that a relative import names; undefined for any other import. */
export function relativeTarget(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.normalize(posix.join(posix.dirname(file.path), specifier))
}

/** The package to which a path belongs: the innermost one that contains it. */
export function ownerOf(tree: Tree, path: string): Package | undefined {
  const containing = tree.packages.filter((one) => one.dir === '' || path.startsWith(`${one.dir}/`))
  return containing.sort((a, b) => b.dir.length - a.dir.length)[0]
}

/** The file of this tree that an import names, by its path or through a package's `exports`. */
export function resolveImport(tree: Tree, file: SourceFile, specifier: string): SourceFile | undefined {
  const relative = relativeTarget(file, specifier)
  if (relative !== undefined) return tree.byPath.get(relative)
  const owner = tree.packages.find((one) => one.name === packageOf(specifier))
  if (owner === undefined) return undefined
  const target = exportedPath(owner, `.${specifier.slice(owner.name.length)}`)
  return target === undefined ? undefined : tree.byPath.get(posix.join(owner.dir, target))
}

/** As Node does it: an exact key first, else the pattern with the longest text before its star. */
function exportedPath(owner: Package, subpath: string): string | undefined {
  const exported = owner.manifest.exports ?? {}
  if (exported[subpath] !== undefined) return exported[subpath]
  const patterns = Object.keys(exported)
    .filter((key) => key.includes('*'))
    .sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length)
  for (const pattern of patterns) {
    const [before = '', after = ''] = pattern.split('*')
    const fits = subpath.length >= pattern.length && subpath.startsWith(before) && subpath.endsWith(after)
    if (fits)
      return exported[pattern]?.replace('*', subpath.slice(before.length, subpath.length - after.length))
  }
  return undefined
}
