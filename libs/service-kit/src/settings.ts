// Configuration is read once, says everything that is wrong at once, and documents itself. A service declares its settings
// as data; the reference page is generated from the same data.

import { editDistance } from './edit-distance.ts'

/** One setting: its environment variable, how its text is read, its default (undefined: none) and what it means. */
export interface Setting<T> {
  readonly env: string
  readonly doc: string
  readonly fallback: T | undefined
  readonly required: boolean
  readonly secret: boolean
  readonly bounds: string
  read(text: string): T | { readonly problem: string }
}

type Settings = Readonly<Record<string, Setting<unknown>>>
/** The values that a table of settings reads to. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never
}

interface Common {
  readonly doc: string
  readonly secret?: boolean
}

/** What is wrong with a text that was given, as "must be …"; nothing when it is right. */
type Check = (value: string) => string | undefined

/** A text setting; without a fallback it is required unless optional. */
export function text(env: string, options: Common & { fallback: string; check?: Check }): Setting<string>
export function text(
  env: string,
  options: Common & { optional: true; check?: Check },
): Setting<string | undefined>
export function text(env: string, options: Common & { check?: Check }): Setting<string>
export function text(
  env: string,
  options: Common & { fallback?: string; optional?: boolean; check?: Check },
): Setting<string | undefined> {
  return make<string | undefined>(env, options, 'text', (value) => {
    const problem = options.check?.(value)
    return problem === undefined ? value : { problem }
  })
}

/** A whole number within bounds. */
export function int(
  env: string,
  options: Common & { fallback: number; min: number; max: number },
): Setting<number> {
  return make<number>(env, options, `${options.min} to ${options.max}`, (value) => {
    const number = Number(value)
    const fits = /^-?\d+$/.test(value) && number >= options.min && number <= options.max
    return fits ? number : { problem: `must be a whole number from ${options.min} to ${options.max}` }
  })
}

/** A decimal number within bounds. */
export function decimal(
  env: string,
  options: Common & { fallback: number; min: number; max: number },
): Setting<number> {
  return make<number>(env, options, `${options.min} to ${options.max}`, (value) => {
    const number = Number(value)
    const fits = /^-?\d+(?:\.\d+)?$/.test(value) && number >= options.min && number <= options.max
    return fits ? number : { problem: `must be a number from ${options.min} to ${options.max}` }
  })
}

/** One of some words. */
export function oneOf<const W extends string>(
  env: string,
  options: Common & { fallback: NoInfer<W>; words: readonly W[] },
): Setting<W> {
  return make<W>(env, options, options.words.join(', '), (value) => {
    const word = options.words.find((w) => w === value)
    return word ?? { problem: `must be one of ${options.words.join(', ')}` }
  })
}

/** Words separated by commas; blanks are dropped. */
export function list(
  env: string,
  options: Common & { fallback: readonly string[] },
): Setting<readonly string[]> {
  return make(env, options, 'comma-separated', (value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
}

/** A setting with a reading of its own. */
export function custom<T>(
  env: string,
  options: Common & { fallback: T; bounds: string; read: Setting<T>['read'] },
): Setting<T> {
  return make<T>(env, options, options.bounds, options.read)
}

function make<T>(
  env: string,
  options: Common & { fallback?: T; optional?: boolean },
  bounds: string,
  read: Setting<T>['read'],
): Setting<T> {
  const required = options.fallback === undefined && options.optional !== true
  return {
    env,
    doc: options.doc,
    fallback: options.fallback,
    required,
    secret: options.secret ?? false,
    bounds,
    read,
  }
}

/** What reading gives: frozen values, or every problem at once. */
export type ReadResult<S extends Settings> =
  | { readonly ok: true; readonly values: Values<S> }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads settings from an environment. A set variable that carries the service's own prefix but is not known is a problem. */
export function readSettings<S extends Settings>(
  settings: S,
  env: Readonly<Record<string, string | undefined>>,
  prefix: string,
): ReadResult<S> {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    const given = env[setting.env]
    if (given === undefined || given === '') {
      if (setting.required) problems.push(`${setting.env} is required: ${setting.doc}`)
      values[name] = setting.fallback
      continue
    }
    const value = setting.read(given)
    if (isProblem(value)) problems.push(`${setting.env} ${value.problem}${shown(setting, given)}`)
    else values[name] = value
  }
  const known = Object.values(settings).map((setting) => setting.env)
  for (const name of Object.keys(env)) {
    if (!name.startsWith(`${prefix}_`) || known.includes(name) || env[name] === undefined) continue
    const near = nearest(name, known)
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    problems.push(`${name} is not a setting of this service${hint}`)
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, values: Object.freeze(values) as Values<S> }
}

function isProblem(value: unknown): value is { problem: string } {
  return typeof value === 'object' && value !== null && 'problem' in value
}

/** What was given, for a person to find it; a secret is nobody's to read. */
function shown(setting: Setting<unknown>, given: string): string {
  if (setting.secret) return ''
  return `, not "${given.length > 100 ? `${given.slice(0, 100)}…` : given}"`
}

/** The known name that was probably meant: two letters wrong, in long names a few more. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const farthest = Math.max(2, name.length / 6)
  return known
    .map((other) => ({ other, distance: editDistance(name, other) }))
    .filter(({ distance }) => distance <= farthest)
    .toSorted((a, b) => a.distance - b.distance)[0]?.other
}
