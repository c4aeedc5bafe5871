import { type Import, lineAt } from './read-imports.ts'
import type { SourceFile, Tree } from './read-tree.ts'

/** One thing that the house asks of its imports, as data: what it is called, why it is asked, how it is found broken. */
export interface Rule {
  readonly name: string
  /** One sentence for whoever broke it. */
  readonly why: string
  readonly check: (tree: Tree) => Finding[]
}

/** One place where a rule is broken. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly what: string
}

/** A check that looks at one import after another and says what is wrong with it, or nothing. */
export function eachImport(
  wrong: (file: SourceFile, found: Import, tree: Tree) => string | undefined,
): (tree: Tree) => Finding[] {
  return (tree) =>
    tree.files.flatMap((file) =>
      file.imports.flatMap((found) => {
        const what = wrong(file, found, tree)
        return what === undefined ? [] : [{ file: file.path, line: found.line, what }]
      }),
    )
}

/** A check that no code of the chosen files matches one of the patterns. */
export function noCode(
  concerns: (file: SourceFile) => boolean,
  patterns: readonly RegExp[],
): (tree: Tree) => Finding[] {
  return (tree) =>
    tree.files.filter(concerns).flatMap((file) =>
      patterns.flatMap((pattern) =>
        Array.from(file.mask.matchAll(pattern), (match) => ({
          file: file.path,
          line: lineAt(file.text, match.index),
          what: file.text.slice(match.index, match.index + match[0].length).replace(/\s+/g, ' '),
        })),
      ),
    )
}

/** The service that a file belongs to, by the name of its folder. */
export function serviceOf(file: SourceFile): string | undefined {
  return /^services\/([^/]+)$/.exec(file.package.dir)?.[1]
}

/** The path below `src`, for code of a service that has the one shape: standalone only puts services together. */
export function shapedPath(file: SourceFile): string | undefined {
  const service = serviceOf(file)
  if (service === undefined || service === 'standalone') return undefined
  return file.inPackage.startsWith('src/') ? file.inPackage.slice('src/'.length) : undefined
}

/** Code that decides and does nothing else: every service's domain folder, and the shared one. */
export function isDomain(file: SourceFile): boolean {
  if (file.package.dir === 'libs/domain') return true
  return shapedPath(file)?.startsWith('domain/') === true
}
