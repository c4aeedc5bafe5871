// What code that decides may know: its arguments, and other code of the same kind.

import { isBuiltin } from 'node:module'
import type { Import } from './read-imports.ts'
import type { SourceFile, Tree } from './read-tree.ts'
import { packageOf, resolveImport } from './resolve-import.ts'
import { eachImport, isDomain, noCode, type Rule, shapedPath } from './rule.ts'

/** Modules of Node that compute and touch nothing outside. Every other one is I/O, a clock or a process. */
const pureBuiltins = new Set(
  'assert assert/strict buffer crypto path path/posix punycode querystring string_decoder url util'.split(
    ' ',
  ),
)

/** Packages whose purpose is to talk to something outside the process. */
const ioPackages =
  /^(?:pg|kysely|undici|pino|@nats-io\/.*|@grpc\/.*|@connectrpc\/connect-node|@opentelemetry\/.*|@strait\/(?:bus|postgres|embedded|testkit))$/

const otherFolders = /^(?:store|rpc|http|consumers|loops|wire)\//

/** Where ids are made: the one file of the domain that takes the time and a die by itself. */
const idsFile = 'libs/domain/src/ids.ts'

export const domainRules: readonly Rule[] = [
  {
    name: 'the domain is pure',
    why: 'A decision can be tested without a database, a broker or a clock only if nothing it imports, however far away, does I/O.',
    check: eachImport((file, found, tree) => {
      if (!isDomain(file) || file.isTest) return undefined
      const direct = impure(file, found, tree)
      if (direct !== undefined) return direct
      const chain = found.typeOnly ? undefined : chainToIo(tree, resolveImport(tree, file, found.specifier))
      return chain === undefined ? undefined : `reaches I/O: ${[found.specifier, ...chain].join(' -> ')}`
    }),
  },
  {
    name: 'the domain calls nobody',
    why: 'What the engine has as a global needs no import, and is I/O all the same.',
    check: noCode(isDomain, [/(?<![.\w$])(?:fetch|WebSocket|EventSource)\s*\(/g, /(?<![.\w$])console\s*\./g]),
  },
  {
    name: 'the domain has no clock and no dice',
    why: 'Time and chance are arguments, so that a test says what they are and a virtual clock can move them.',
    check: noCode(
      (file) => isDomain(file) && file.path !== idsFile,
      [
        /\bDate\s*\.\s*now\b/g,
        /\bnew\s+Date\b(?!\s*\(\s*[^\s)])/g,
        /(?<![.\w$]|new\s+)Date\s*\(/g,
        /\bTemporal\s*\.\s*Now\b/g,
        /\bMath\s*(?:\.\s*random\b|\[)/g,
        /\b(?:randomUUID|randomBytes|randomInt|randomFill|randomFillSync|getRandomValues|generateKey\w*|nanoid)\b/g,
        /(?<![\w$])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g,
        /\bAbortSignal\s*\.\s*timeout\b/g,
        // A parameter may be called so: what is read from the globals is.
        /(?<![.\w$])(?:process|performance)\s*(?:\?\.|[.[])/g,
        /=\s*(?:process|performance)\b(?!\s*[.[?])/g,
        /\bglobalThis\b/g,
      ],
    ),
  },
]

function impure(file: SourceFile, found: Import, tree: Tree): string | undefined {
  const { specifier } = found
  if (isIo(specifier)) return `imports ${specifier}`
  if (specifier.endsWith('_pb')) return `imports the messages of ${specifier}`
  const target = resolveImport(tree, file, specifier)
  const isOwn = target !== undefined && target.package === file.package
  const folder = isOwn ? otherFolders.exec(shapedPath(target) ?? '')?.[0] : undefined
  return folder === undefined ? undefined : `imports ${specifier} from ${folder}`
}

function isIo(specifier: string): boolean {
  if (isBuiltin(specifier)) return !pureBuiltins.has(specifier.replace(/^node:/, ''))
  return ioPackages.test(packageOf(specifier) ?? '')
}

/** The imports that lead from a file to something that does I/O, if any do. Types are erased and lead nowhere. */
function chainToIo(tree: Tree, from: SourceFile | undefined, seen = new Set<string>()): string[] | undefined {
  if (from === undefined || seen.has(from.path)) return undefined
  seen.add(from.path)
  for (const found of from.imports) {
    if (found.typeOnly) continue
    if (isIo(found.specifier)) return [found.specifier]
    const further = chainToIo(tree, resolveImport(tree, from, found.specifier), seen)
    if (further !== undefined) return [found.specifier, ...further]
  }
  return undefined
}
