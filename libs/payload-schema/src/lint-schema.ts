// What a payload_schema may be, judged from its text alone, before anything is compiled: its size and depth, its dialect,
// its keywords, its references and its patterns. Whoever writes a schema need not be trusted: what is let through here
// costs time that is bounded by the schema and the payload, or is ended by the clock of the checker.
import { parseJson } from '@strait/domain/json/parse-json'
import { checkJsonText, type JsonTextReason } from '@strait/domain/json-text'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { behind, type Dialect, dialectOf, dialectUris } from './dialect.ts'
import { checkPattern } from './linear-pattern.ts'
import { lintRefs } from './lint-refs.ts'
import { isObject, type SchemaNode, toPointer, walkSchema } from './walk-schema.ts'

/** A rule that is broken, where (a JSON pointer, empty for the root), and what to do about it. */
export type SchemaProblem = { readonly rule: string; readonly path: string; readonly message: string }

export type LintedSchema =
  | {
      readonly ok: true
      readonly dialect: Dialect
      readonly schema: Record<string, unknown> | boolean
      /** The writer's own keywords, which begin with `x-` and say nothing about a payload. */
      readonly annotations: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] }

export const MAX_SCHEMA_BYTES = 256 * 1024
export const MAX_SCHEMA_LEVELS = 64
/** Of schemas inside each other and side by side. */
export const MAX_SCHEMA_NODES = 2_000

const jsonRules: Readonly<Record<JsonTextReason, string>> = {
  INVALID_JSON: 'json',
  LONE_SURROGATE: 'json',
  DUPLICATE_KEY: 'duplicate key',
  TOO_DEEP: 'depth',
  TOO_LARGE: 'size',
}

/** Judges a schema by its text, and names every rule that it breaks. */
export function lintSchema(text: string): LintedSchema {
  const json = checkJsonText(text, { maxBytes: MAX_SCHEMA_BYTES, maxDepth: MAX_SCHEMA_LEVELS })
  if (!json.ok) return refused(jsonRules[json.reason], json.path ?? '', json.message)
  const schema: unknown = parseJson(text)
  if (!isObject(schema) && typeof schema !== 'boolean') {
    return refused('type', '', 'must be an object, true or false')
  }
  const uri = isObject(schema) ? schema.$schema : undefined
  const dialect = uri === undefined ? '2020-12' : dialectOf(String(uri))
  if (dialect === undefined) return refused('$schema', '/$schema', `must be one of ${dialectUris.join(', ')}`)

  const problems: SchemaProblem[] = []
  const annotations = new Set<string>()
  let nodes = 0
  walkSchema(schema, dialect, (node) => {
    nodes += 1
    if (nodes <= MAX_SCHEMA_NODES) problems.push(...nodeProblems(node, dialect, annotations))
  })
  if (nodes > MAX_SCHEMA_NODES) {
    return refused('nodes', '', `must have at most ${MAX_SCHEMA_NODES} schemas inside, not ${nodes}`)
  }
  problems.push(...lintRefs(schema, dialect))
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, dialect, schema, annotations: [...annotations] }
}

function refused(rule: string, path: string, message: string): LintedSchema {
  return { ok: false, problems: [{ rule, path, message }] }
}

function nodeProblems(
  { path, schema }: SchemaNode,
  dialect: Dialect,
  annotations: Set<string>,
): SchemaProblem[] {
  if (typeof schema === 'boolean') return []
  const problems: SchemaProblem[] = []
  const say = (rule: string, below: readonly string[], message: string) =>
    problems.push({ rule, path: toPointer([...path, ...below]), message })

  for (const [word, value] of Object.entries(schema)) {
    if (word.startsWith('x-') && isAnnotation(word)) annotations.add(word)
    else if (behind(dialect, word) === undefined || word.startsWith('x-')) {
      say('keyword', [word], `is no keyword of ${dialect}; one of your own begins with x-`)
    }
    // To every object this name already means something, so readers differ in what a schema under it says.
    if (isObject(value) && behind(dialect, word) !== 'value' && Object.hasOwn(value, '__proto__')) {
      say('name', [word, '__proto__'], 'must not be used as a name')
    }
  }
  const { $schema, uniqueItems, maxItems, format, pattern, patternProperties } = schema
  if (path.length > 0 && $schema !== undefined) say('$schema', ['$schema'], 'stands at the root only')
  if (uniqueItems === true && typeof maxItems !== 'number') {
    say('uniqueItems', ['uniqueItems'], 'needs a maxItems beside it: every pair is compared')
  }
  if (typeof format === 'string' && !Object.hasOwn(fullFormats, format)) {
    say('format', ['format'], 'is no format that is checked here')
  }
  const patterns = isObject(patternProperties) ? Object.keys(patternProperties) : []
  for (const each of patterns) sayPattern(each, ['patternProperties', each], say)
  if (typeof pattern === 'string') sayPattern(pattern, ['pattern'], say)
  return problems
}

function sayPattern(
  pattern: string,
  below: readonly string[],
  say: (rule: string, below: readonly string[], message: string) => void,
): void {
  const checked = checkPattern(pattern)
  if (!checked.ok) say(checked.rule, below, checked.message)
}

/** What ajv can be told to pass over. */
function isAnnotation(word: string): boolean {
  return /^x-[a-z0-9_-]{1,64}$/i.test(word)
}
