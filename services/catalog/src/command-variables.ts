// The environment variables of commands that people run by hand.

import { StartError } from '@strait/service-kit/listen'
import { loadKey } from './master-key.ts'

/** The variables that a command was given. */
export type Variables = Readonly<Record<string, string | undefined>>

/** A variable that must be given. */
export function readVariable(env: Variables, name: string, meaning: string): string {
  return given(env, name) ?? missing(name, meaning)
}

/** A key that must be given, as text or, by the same name with `_FILE` behind it, as a file. */
export function readKey(env: Variables, name: string, meaning: string): string {
  return readKeyIfGiven(env, name) ?? missing(name, meaning)
}

/** A key that may be given, as text or as a file. */
export function readKeyIfGiven(env: Variables, name: string): string | undefined {
  const source = { text: given(env, name), file: given(env, `${name}_FILE`) }
  if (source.text !== undefined && source.file !== undefined)
    throw new StartError(`${name} and ${name}_FILE are both given: only one can be meant`)
  return loadKey(name, source)
}

function given(env: Variables, name: string): string | undefined {
  return env[name] || undefined
}

function missing(name: string, meaning: string): never {
  throw new StartError(`${name} is required: ${meaning}`)
}
