// Every schema inside a schema, with its place. Only what the dialect says is a schema is one: what stands behind `const`,
// `enum`, `default` and the like is data and may look like anything.
import { behind, type Dialect } from './dialect.ts'

export type SchemaNode = {
  /** The way to it from the root. */
  readonly path: readonly string[]
  readonly schema: Readonly<Record<string, unknown>> | boolean
}

/** Visits every schema, the outer before the inner. What has the wrong shape is passed over: the meta-schema says so. */
export function walkSchema(
  root: unknown,
  dialect: Dialect,
  visit: (node: SchemaNode, parent: SchemaNode | undefined) => void,
): void {
  const step = (schema: unknown, path: readonly string[], parent: SchemaNode | undefined) => {
    if (typeof schema === 'boolean') visit({ path, schema }, parent)
    if (!isObject(schema)) return
    const node = { path, schema }
    visit(node, parent)
    for (const [word, value] of Object.entries(schema)) {
      for (const [inner, ...more] of schemasBehind(dialect, word, value))
        step(inner, [...path, word, ...more], node)
    }
  }
  step(root, [], undefined)
}

/** A place in a JSON text, as a JSON pointer. */
export function toPointer(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** An object that is no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function schemasBehind(
  dialect: Dialect,
  word: string,
  value: unknown,
): readonly (readonly [unknown, ...string[]])[] {
  const kind = behind(dialect, word)
  if (Array.isArray(value)) {
    const isList = kind === 'list' || kind === 'schema or list'
    return isList ? value.map((each, index) => [each, String(index)] as const) : []
  }
  if (kind === 'schema' || kind === 'schema or list') return [[value]]
  const isMap = kind === 'map' || kind === 'map of schemas or names'
  return isMap && isObject(value) ? Object.entries(value).map(([name, each]) => [each, name] as const) : []
}
