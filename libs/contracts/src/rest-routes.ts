// The REST paths of methods, as their schemas annotate them, and the finding of one. A table is a tree by segments: the work
// of finding is bounded by the longest template, whatever is asked for.
//
// The path is everything before the first `?`, compared as it was sent; only variables are decoded, once. A literal goes
// before a variable at the same place, unless only the variable has the verb: a slug may be spelled like a literal.

import { type DescMethod, type DescService, getOption, hasOption } from '@bufbuild/protobuf'
import { http } from '@strait/contracts/google/api/annotations_pb'
import { type PathSegment, readSegments } from './path-segments.ts'
import { readTemplate, type TemplateSegment } from './rest-template.ts'

/** The method of a path and a verb. */
export interface RestRoute {
  /** `GET`, in capitals. */
  readonly verb: string
  /** `/v1/jobs/{job}/trigger` */
  readonly template: string
  readonly segments: readonly TemplateSegment[]
  readonly method: DescMethod
  /** What of the request the body is: `''` nothing, `'*'` all that the path does not say, else this field. */
  readonly body: string
  /** The field of the answer that the body is; `''` is the whole answer. */
  readonly responseBody: string
}

/** Routes, to be searched by matchRoute. */
export interface RestTable {
  readonly literals: Map<string, RestTable>
  variable: RestTable | undefined
  /** The routes that end here, by verb. */
  readonly routes: Map<string, RestRoute>
}

/** What a path and a verb lead to. */
export type Match =
  /** `vars` are the values of the template's variables, by field. */
  | { readonly kind: 'found'; readonly route: RestRoute; readonly vars: ReadonlyMap<string, string> }
  | { readonly kind: 'no_path' }
  /** The path is there, the verb is not. `allow` are the verbs of the path, `route` is one of them. */
  | { readonly kind: 'no_verb'; readonly allow: readonly string[]; readonly route: RestRoute }
  /** Below `/v1/`, and no path at all. */
  | { readonly kind: 'malformed'; readonly why: string }

/** The routes of all methods that have a REST path, in the order of the services. */
export function restRoutes(services: readonly DescService[]): readonly RestRoute[] {
  return services.flatMap((service) => service.methods).flatMap((method) => routeOf(method) ?? [])
}

/** Makes a table of routes. Two with the same verb and the same shape of path are a fault in the schema and throw. */
export function restTable(routes: readonly RestRoute[]): RestTable {
  const root = emptyTable()
  for (const route of routes) {
    const end = route.segments.reduce(descend, root)
    const other = end.routes.get(route.verb)
    if (other !== undefined)
      throw new Error(`${route.verb} ${route.template} is ${other.template} of ${other.method.name} too`)
    end.routes.set(route.verb, route)
  }
  return root
}

/** Finds what a verb and a request target (`/v1/jobs/daily?a=b`) lead to. */
export function matchRoute(table: RestTable, verb: string, target: string): Match {
  const path = target.split('?', 1)[0] ?? ''
  if (!path.startsWith('/v1/')) return { kind: 'no_path' }
  const segments = readSegments(path)
  if ('why' in segments) return { kind: 'malformed', why: segments.why }
  const route = find(table, segments, verb)
  if (route === undefined) {
    const others = routesAt(table, segments)
    const [first] = others
    if (first === undefined) return { kind: 'no_path' }
    return { kind: 'no_verb', allow: [...new Set(others.map((each) => each.verb))].sort(), route: first }
  }
  const vars = route.segments.flatMap((segment, i) =>
    segment.kind === 'variable' ? [[segment.field, segments[i]?.decoded ?? ''] as const] : [],
  )
  return { kind: 'found', route, vars: new Map(vars) }
}

function routeOf(method: DescMethod): RestRoute | undefined {
  if (!hasOption(method, http)) return undefined
  const { pattern, body, responseBody, additionalBindings } = getOption(method, http)
  if (pattern.case === undefined || pattern.case === 'custom' || additionalBindings.length > 0)
    throw new Error(`${method.name} must have one path with one of HTTP's verbs`)
  const template = pattern.value
  const segments = readTemplate(method, template)
  return { verb: pattern.case.toUpperCase(), template, segments, method, body, responseBody }
}

function emptyTable(): RestTable {
  return { literals: new Map(), variable: undefined, routes: new Map() }
}

function descend(table: RestTable, segment: TemplateSegment): RestTable {
  if (segment.kind === 'variable') {
    table.variable ??= emptyTable()
    return table.variable
  }
  const next = table.literals.get(segment.text) ?? emptyTable()
  table.literals.set(segment.text, next)
  return next
}

/** What a path and a verb lead to. Where a literal leads nowhere the variable is tried: at most two ways at each depth. */
function find(
  table: RestTable,
  path: readonly PathSegment[],
  verb: string,
  depth = 0,
): RestRoute | undefined {
  const segment = path[depth]
  if (segment === undefined) return table.routes.get(verb)
  const literal = table.literals.get(segment.raw)
  const found = literal && find(literal, path, verb, depth + 1)
  return found ?? (table.variable && find(table.variable, path, verb, depth + 1))
}

/** What a path leads to with any verb, literals first. */
function routesAt(table: RestTable, path: readonly PathSegment[], depth = 0): readonly RestRoute[] {
  const segment = path[depth]
  if (segment === undefined) return [...table.routes.values()]
  const ways = [table.literals.get(segment.raw), table.variable]
  return ways.flatMap((way) => (way === undefined ? [] : routesAt(way, path, depth + 1)))
}
