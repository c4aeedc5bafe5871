// Reads the compose file as Docker Compose would: variables put in, merges made.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { deployFolder } from '../places.ts'

export interface ComposeService {
  readonly image: string
  readonly build?: {
    readonly context: string
    readonly dockerfile: string
    readonly target: string
    readonly args?: object
  }
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly ports?: readonly string[]
  readonly profiles?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly healthcheck?: object
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly stop_grace_period?: string
}

export interface Compose {
  readonly name: string
  readonly services: Readonly<Record<string, ComposeService>>
  readonly configs: Readonly<Record<string, { readonly file: string }>>
}

export const composeText = readFileSync(join(deployFolder, 'compose.yaml'), 'utf8')

const variable = /\$\{(\w+)(?:(:[-?])([^}]*))?\}/g

/** The compose file with these variables. */
export function readCompose(env: Readonly<Record<string, string>>, text = composeText): Compose {
  // Values, not the text: a comment may name a variable too.
  return interpolate(parse(text, { merge: true, strict: true }), env) as Compose
}

/** The variables that the compose file takes from its environment. */
export function variablesOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line))
  return [...new Set(Array.from(lines.join('\n').matchAll(variable), ([, name = '']) => name))].toSorted()
}

function interpolate(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    return value.replace(variable, (_, name: string, operator: string | undefined, word = '') => {
      const given = env[name] ?? ''
      if (given === '' && operator === ':?') throw new Error(`${name} is required: ${word}`)
      return given === '' && operator === ':-' ? word : given
    })
  }
  if (Array.isArray(value)) return value.map((item) => interpolate(item, env))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, env)]))
}
