// Who may import whom between and inside packages.

import type { SourceFile } from './read-tree.ts'
import { ownerOf, packageOf, relativeTarget, resolveImport } from './resolve-import.ts'
import { eachImport, noCode, type Rule, serviceOf, shapedPath } from './rule.ts'

/** What a service shows of itself to standalone, the only package that may look. */
const shownByServices = new Set(['app', 'config', 'bootstrap'])

const seesMessages = /^(?:rpc\/|consumers\/|(?:.*\/)?wire\/|app\.ts$|(?:.*\/)?[^/]+-codec(?:\.test)?\.ts$)/
const seesRows = /^(?:store\/|app\.ts$)/

/** Where the engine's own parser reads: parseJson itself, what only tests run, and texts that hold no key of a user. */
const readsWithTheEngine =
  /^libs\/(?:domain\/src\/json|testkit)\/|^libs\/embedded\/src\/process-record\.ts$|^services\/standalone\/src\/story\/sample-endpoint\.ts$/

export const houseRules: readonly Rule[] = [
  {
    name: 'JSON is read by parseJson',
    why: "The engine's own parser takes some escaped keys for others; parseJson of @strait/domain reads those that are there.",
    check: noCode(
      (file) => isShipped(file) && !readsWithTheEngine.test(file.path),
      [/\bJSON\s*\.\s*parse\b/g, /\.\s*json\s*\(\s*\)/g, /\bfromJsonString\b/g],
    ),
  },
  {
    name: 'services meet in proto/ only',
    why: 'A service is started, deployed and understood alone; only standalone puts several into one process, through their app, config and bootstrap.',
    check: eachImport((file, found, tree) => {
      const target = tree.packages.find((one) => one.name === packageOf(found.specifier))
      if (target === undefined || !target.dir.startsWith('services/') || target === file.package)
        return undefined
      if (file.package.dir.startsWith('libs/')) return undefined
      if (serviceOf(file) !== 'standalone') return `imports the service ${target.name}`
      const part = found.specifier.slice(target.name.length + 1)
      return shownByServices.has(part)
        ? undefined
        : `imports ${found.specifier}, which is the service's own affair`
    }),
  },
  {
    name: 'libs do not know the services',
    why: 'A lib that imports a service can no longer be used by another one.',
    check: eachImport((file, found, tree) => {
      const target = tree.packages.find((one) => one.name === packageOf(found.specifier))
      const isService = target?.dir.startsWith('services/') === true
      return isService && file.package.dir.startsWith('libs/') ? `imports ${found.specifier}` : undefined
    }),
  },
  {
    name: 'only doors see proto messages',
    why: 'The wire may change without the domain and the store: rpc/, consumers/, wire/, *-codec.ts and app.ts translate.',
    check: eachImport((file, found) => {
      const path = shapedPath(file)
      if (path === undefined || !found.specifier.endsWith('_pb') || seesMessages.test(path)) return undefined
      return `imports ${found.specifier}`
    }),
  },
  {
    name: 'only store/ sees SQL and rows',
    why: 'One folder holds every statement, so that each one can be found, measured and given its guard; app.ts opens the pool.',
    check: eachImport((file, found, tree) => {
      const path = shapedPath(file)
      if (path === undefined || seesRows.test(path)) return undefined
      if (['pg', 'kysely'].includes(packageOf(found.specifier) ?? '')) return `imports ${found.specifier}`
      const target = resolveImport(tree, file, found.specifier)
      return target?.inPackage === 'src/store/tables.ts'
        ? 'imports the row types of store/tables.ts'
        : undefined
    }),
  },
  {
    name: 'statements are written in store/',
    why: 'A pool that is handed on needs no import to be asked: no statement is built with it elsewhere.',
    check: noCode(
      (file) => shapedPath(file) !== undefined && !file.isTest && !isStore(file),
      [
        /\.\s*(?:selectFrom|selectNoFrom|insertInto|updateTable|deleteFrom|mergeInto|executeQuery)\s*(?:<|\()/g,
        /(?<![.\w$])sql\s*(?:`|\.)/g,
      ],
    ),
  },
  {
    name: 'generated code goes by its name',
    why: 'Messages are imported as @strait/contracts/<folder>/v1/<file>_pb, so that the generator alone knows where they lie.',
    check: eachImport((file, found) => {
      if (file.path.startsWith('libs/contracts/gen/')) return undefined
      const target = relativeTarget(file, found.specifier) ?? found.specifier
      return /(?:^|\/)contracts\/gen(?:\/|$)/.test(target) ? `imports ${found.specifier}` : undefined
    }),
  },
  {
    name: 'relative imports stay in their package',
    why: 'A path that leaves the package goes around its exports and its declared dependencies.',
    check: eachImport((file, found, tree) => {
      const target = relativeTarget(file, found.specifier)
      if (target === undefined) return undefined
      const leaves = target.startsWith('../') || ownerOf(tree, target) !== file.package
      return leaves ? `imports ${found.specifier}` : undefined
    }),
  },
]

function isStore(file: SourceFile): boolean {
  return shapedPath(file)?.startsWith('store/') === true
}

function isShipped(file: SourceFile): boolean {
  return !file.isTest && /^(?:libs|services)\//.test(file.path) && file.inPackage.startsWith('src/')
}
