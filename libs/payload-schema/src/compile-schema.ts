// A schema made into a function. ajv writes code and runs it, and calls schemas as trusted as one's own code: so this runs
// only in the checker's thread, on schemas that were judged by lintSchema, and what a schema names (properties, patterns,
// ids) stays inside an instance of its own.
//
// Every fault is looked for, and a schema is compiled that way only: ajv's code for stopping at the first one nests a block
// for each property, and overflows the stack at 2,000. Numbers are compared as doubles, as JSON Schema's readers do.
import { Ajv, type AnySchema, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import type { Dialect } from './dialect.ts'
import { compilePattern } from './linear-pattern.ts'
import type { LintedSchema, SchemaProblem } from './lint-schema.ts'

export type Compilation =
  | { readonly ok: true; readonly validate: ValidateFunction }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] }

const dialects = { '2020-12': Ajv2020, 'draft-07': Ajv }

// Compared with the schemas of the dialects themselves, which are slow to compile: once for all schemas.
const metaSchemas = {
  '2020-12': new Ajv2020({ allErrors: true, validateFormats: false, strict: false, logger: false }),
  'draft-07': new Ajv({ allErrors: true, validateFormats: false, strict: false, logger: false }),
}

const options = {
  allErrors: true,
  // A slip of the pen is an error and no remark; what is only bad taste passes.
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  validateSchema: false,
  // What every object inherits is no property of a payload.
  ownProperties: true,
  inlineRefs: false,
  logger: false,
  formats: fullFormats,
  code: { regExp: Object.assign((pattern: string) => compilePattern(pattern), { code: 'compilePattern' }) },
} satisfies Options

/** Gets everything ready that all schemas need, so that none pays for it. */
export function warmUp(): void {
  for (const dialect of Object.keys(dialects) as Dialect[]) metaSchemas[dialect].validateSchema({})
}

/** Compiles a schema, or says which of its own rules it breaks. */
export function compileSchema({
  dialect,
  schema,
  annotations,
}: Extract<LintedSchema, { ok: true }>): Compilation {
  const meta = metaSchemas[dialect]
  if (meta.validateSchema(schema as AnySchema) !== true) {
    return { ok: false, problems: metaProblems(meta.errors ?? []) }
  }
  try {
    const ajv = new dialects[dialect](options)
    ajv.addVocabulary([...annotations])
    return { ok: true, validate: ajv.compile(schema as AnySchema) }
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof RangeError) throw cause
    // ajv puts the place into its sentence.
    const path = /at path "#([^"]*)"/.exec(cause.message)?.[1] ?? ''
    return { ok: false, problems: [{ rule: 'schema', path, message: cause.message }] }
  }
}

/** One problem for each place: where alternatives fail, the first says enough. */
function metaProblems(errors: readonly ErrorObject[]): readonly SchemaProblem[] {
  const byPlace = new Map<string, SchemaProblem>()
  for (const { instancePath: path, message = 'is wrong' } of errors) {
    if (!byPlace.has(path)) byPlace.set(path, { rule: 'schema', path, message })
  }
  return [...byPlace.values()]
}
