// References stay inside the schema they stand in. Nothing is ever fetched, and a reference leads to a place that is a
// schema, never into data that only looks like one and was not judged.
import type { Dialect } from './dialect.ts'
import { type SchemaNode, toPointer, walkSchema } from './walk-schema.ts'

export type RefProblem = {
  readonly rule: 'remote reference' | 'dangling reference' | 'id'
  readonly path: string
  readonly message: string
}

/** Where a schema without an `$id` is thought to lie. */
const NOWHERE = 'strait:///schema'
const referring = ['$ref', '$dynamicRef'] as const

/** Finds references that lead out of a schema, or nowhere in it. */
export function lintRefs(root: unknown, dialect: Dialect): RefProblem[] {
  const problems: RefProblem[] = []
  const bases = new Map<SchemaNode, Base>()
  const targets = new Set<string>()
  walkSchema(root, dialect, (node, parent) => {
    const base = baseOf(node, parent && bases.get(parent))
    if (base === undefined) {
      problems.push({ rule: 'id', path: toPointer([...node.path, '$id']), message: 'is no URI reference' })
      return
    }
    bases.set(node, base)
    // A place goes by its way from every resource that it lies in.
    for (let each: Base | undefined = base; each !== undefined; each = each.outer) {
      targets.add(`${each.uri}#${toPointer(node.path.slice(each.depth))}`)
    }
    for (const anchor of anchorsOf(node)) targets.add(`${base.uri}#${anchor}`)
  })
  const known = new Set([...bases.values()].map((base) => base.uri))
  for (const [node, base] of bases) problems.push(...refsOf(node, base, known, targets))
  return problems
}

/** A resource that a schema lies in: its URI, how deep its root is, and the one around it. */
type Base = { readonly uri: string; readonly depth: number; readonly outer: Base | undefined }

function baseOf({ schema, path }: SchemaNode, outer: Base | undefined): Base | undefined {
  const around = outer ?? { uri: NOWHERE, depth: 0, outer: undefined }
  const id = typeof schema === 'object' ? schema.$id : undefined
  if (typeof id !== 'string' || id.startsWith('#')) return around
  const uri = URL.parse(id, around.uri)?.href.replace(/#$/, '')
  return uri === undefined || uri.includes('#') ? undefined : { uri, depth: path.length, outer }
}

function anchorsOf({ schema }: SchemaNode): string[] {
  if (typeof schema === 'boolean') return []
  const { $anchor, $dynamicAnchor, $id } = schema
  const named = [$anchor, $dynamicAnchor].filter((name): name is string => typeof name === 'string')
  return typeof $id === 'string' && $id.startsWith('#') ? [...named, $id.slice(1)] : named
}

function refsOf(
  { schema, path }: SchemaNode,
  base: Base,
  known: ReadonlySet<string>,
  targets: ReadonlySet<string>,
): RefProblem[] {
  if (typeof schema === 'boolean') return []
  return referring.flatMap((word) => {
    const ref = schema[word]
    if (typeof ref !== 'string') return []
    const problem = refProblem(ref, base, known, targets)
    return problem === undefined ? [] : [{ ...problem, path: toPointer([...path, word]) }]
  })
}

function refProblem(
  ref: string,
  base: Base,
  known: ReadonlySet<string>,
  targets: ReadonlySet<string>,
): Omit<RefProblem, 'path'> | undefined {
  const url = URL.parse(ref, base.uri)
  const [document = ''] = url?.href.split('#') ?? []
  if (url === null || !known.has(document)) {
    return { rule: 'remote reference', message: 'leads out of this schema; nothing is fetched' }
  }
  const fragment = decoded(url.hash.slice(1))
  if (fragment !== undefined && targets.has(`${document}#${fragment}`)) return undefined
  return { rule: 'dangling reference', message: 'leads to no schema in here' }
}

function decoded(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return undefined
  }
}
