// A payload held against a compiled schema: every place that does not fit, in words.
import { parseJson } from '@strait/domain/json/parse-json'
import { checkJsonText } from '@strait/domain/json-text'
import type { ErrorObject, ValidateFunction } from 'ajv'

/** A place in a payload (a JSON pointer, empty for the whole) and what is wrong there. */
export type ValueProblem = { readonly path: string; readonly message: string }

/** No more are named; who has more has another kind of payload. */
export const MAX_VALUE_PROBLEMS = 100
const MOST_CHARACTERS = 256

/** Reads a payload; a problem where it is no JSON. */
export function readValue(text: string): { readonly value: unknown } | ValueProblem {
  const json = checkJsonText(text, { maxBytes: Number.POSITIVE_INFINITY })
  return json.ok ? { value: parseJson(text) } : { path: json.path ?? '', message: json.message }
}

/** Every place that does not fit, up to MAX_VALUE_PROBLEMS, each said once. */
export function valueProblems(validate: ValidateFunction, value: unknown): readonly ValueProblem[] {
  if (validate(value) === true) return []
  const problems = (validate.errors ?? []).slice(0, MAX_VALUE_PROBLEMS * 4).map(toProblem)
  const unlike = new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem]))
  return [...unlike.values()].slice(0, MAX_VALUE_PROBLEMS)
}

function toProblem({ instancePath, keyword, params, message = 'does not fit' }: ErrorObject): ValueProblem {
  const at = (name: unknown) => `${instancePath}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
  const problem = (path: string, words: string) => ({ path: cut(path), message: cut(words) })
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = params
  const stranger = additionalProperty ?? unevaluatedProperty
  if (missingProperty !== undefined) return problem(at(missingProperty), 'is required')
  if (stranger !== undefined) return problem(at(stranger), 'is not allowed')
  if (keyword === 'propertyNames') return problem(at(propertyName), 'has a name that is not allowed')
  if (keyword === 'enum' || keyword === 'const') {
    const allowed = keyword === 'enum' ? params.allowedValues : [params.allowedValue]
    const list = (allowed as readonly unknown[]).slice(0, 20).map((each) => JSON.stringify(each).slice(0, 40))
    return problem(instancePath, `must be ${list.length === 1 ? '' : 'one of '}${list.join(', ')}`)
  }
  if (keyword === 'false schema') return problem(instancePath, 'is not allowed')
  return problem(instancePath, message)
}

function cut(text: string): string {
  return (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text).toWellFormed()
}
