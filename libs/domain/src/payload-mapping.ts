// What a workflow that starts behind a run gets as its payload: an object of names and paths into {result, payload, run}.
//
//   {"user_id": "result.user.id", "first": "items.0.sku", "by": "run.triggered_by"}
//
// A path is segments separated by dots. A first segment that is exactly `result`, `payload` or `run` is that root, also
// where the root has nothing of the rest; any other path begins in the result. Digits index arrays, everything else names
// an object's own key. A path that leads nowhere leaves its name out; a null that is there is kept.

import { parseJson } from './json/parse-json.ts'
import { checkJsonText } from './json-text.ts'

/** The three texts that paths lead into; the run is without its payload, its result and its tokens. */
export type MappingRoots = { readonly result: string; readonly payload: string; readonly run: string }

/** A mapping that parseMapping accepted: for each name, the root and the segments below it. */
export type PayloadMapping = readonly MappedName[]

/** A name, the root that its path begins in, and the segments below that. */
export type MappedName = {
  readonly name: string
  readonly root: keyof MappingRoots
  readonly segments: readonly string[]
}

/** What is wrong, and at which name; without one the whole is. */
export type MappingProblem = { readonly name?: string; readonly reason: string }

export type ParsedMapping =
  | { readonly ok: true; readonly mapping: PayloadMapping }
  | { readonly ok: false; readonly problems: readonly MappingProblem[] }

const MOST_NAMES = 100
const MOST_NAME_CHARACTERS = 256
const MOST_PATH_CHARACTERS = 256
const MOST_SEGMENTS = 16
const MOST_BYTES = 256 * 1024
// A reader that walks prototypes would leave the data through these names; nobody needs them as keys.
const refusedNames = new Set(['__proto__', 'constructor', 'prototype'])
const roots: readonly string[] = ['result', 'payload', 'run'] satisfies (keyof MappingRoots)[]

/** Reads a mapping from its JSON text, or says everything that is wrong with it. */
export function parseMapping(text: string): ParsedMapping {
  const checked = checkJsonText(text, { maxBytes: MOST_BYTES })
  if (!checked.ok) return { ok: false, problems: [{ reason: checked.message }] }
  const value: unknown = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, problems: [{ reason: 'must be a JSON object of paths' }] }
  }
  const entries = Object.entries(value as Record<string, unknown>)
  if (entries.length > MOST_NAMES) {
    const reason = `must have at most ${MOST_NAMES} entries, not ${entries.length}`
    return { ok: false, problems: [{ reason }] }
  }
  const problems = entries.flatMap(([name, path]) => {
    const reason = nameProblem(name) ?? pathProblem(path)
    return reason === undefined ? [] : [{ name: name.slice(0, MOST_NAME_CHARACTERS), reason }]
  })
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, mapping: entries.map(([name, path]) => mapped(name, String(path))) }
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'has an empty name'
  if (name.length > MOST_NAME_CHARACTERS) return `has a name of more than ${MOST_NAME_CHARACTERS} characters`
  return refusedNames.has(name) ? 'has a name that is refused' : undefined
}

function pathProblem(path: unknown): string | undefined {
  if (typeof path !== 'string') return 'must be a path in a string'
  if (path.length > MOST_PATH_CHARACTERS) return `must have at most ${MOST_PATH_CHARACTERS} characters`
  const segments = path.split('.')
  if (segments.includes('')) return 'must be segments separated by single dots, none of them empty'
  if (segments.length > MOST_SEGMENTS) return `must have at most ${MOST_SEGMENTS} segments`
  const refused = segments.find((segment) => refusedNames.has(segment))
  return refused === undefined ? undefined : `must not go through ${refused}`
}

function mapped(name: string, path: string): MappedName {
  const [first = '', ...rest] = path.split('.')
  const root = roots.indexOf(first)
  if (root < 0) return { name, root: 'result', segments: [first, ...rest] }
  return { name, root: first as keyof MappingRoots, segments: rest }
}
