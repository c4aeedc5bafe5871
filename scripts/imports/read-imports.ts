import { maskSource } from './mask-source.ts'

/** One place where a file names a module. */
export interface Import {
  readonly specifier: string
  /** The line on which the statement begins, from 1. */
  readonly line: number
  /** `import type` and `export type`: erased before the file runs. */
  readonly typeOnly: boolean
}

// All three are matched against the mask, in which a quote can only open or close a string.
const fromClause =
  /(?<![.\w$])(?:import|export)(\s+type(?=[\s{*]))?((?:(?!\b(?:import|export)\b)[\w$*{}\s,])*?)\bfrom\s*(['"])/g
const sideEffect = /(?<![.\w$])import\s*(['"])/g
const call = /(?<![.\w$])(?:import|require|require\.resolve|import\.meta\.resolve)\s*\(\s*(['"`])/g

/** Every static and dynamic import, re-export and require of a source, in the order of its lines. */
export function readImports(source: string, mask = maskSource(source)): Import[] {
  const found: Import[] = []
  const add = (match: RegExpExecArray, typeOnly: boolean) => {
    const from = match.index + match[0].length
    const quote = source[from - 1] ?? ''
    const to = mask.indexOf(quote, from)
    const specifier = source.slice(from, Math.max(from, to))
    // A name put together at run time says nothing about itself.
    if (specifier === '' || specifier.includes('${')) return
    found.push({ specifier, line: lineAt(source, match.index), typeOnly })
  }
  // `import type from 'x'` imports a value that is called "type": its clause is empty.
  for (const match of mask.matchAll(fromClause)) {
    add(match, match[1] !== undefined && (match[2] ?? '').trim() !== '')
  }
  for (const match of mask.matchAll(sideEffect)) add(match, false)
  for (const match of mask.matchAll(call)) add(match, false)
  return found.sort((a, b) => a.line - b.line)
}

/** The line, from 1, on which a position of the source lies. */
export function lineAt(source: string, position: number): number {
  let line = 1
  for (let i = source.indexOf('\n'); i >= 0 && i < position; i = source.indexOf('\n', i + 1)) line += 1
  return line
}
