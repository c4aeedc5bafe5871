// The environment variables of commands that people run by hand.

import { StartError } from '@strait/service-kit/listen'
import { loadKey } from './master-key.ts'

/** A variable that must be given. */
export function readVariable(name: string, meaning: string): string {
  return given(name) ?? missing(name, meaning)
}

/** A key that must be given, as text or, by the same name with `_FILE` behind it, as a file. */
export function readKey(name: string, meaning: string): string {
  return readKeyIfGiven(name) ?? missing(name, meaning)
}

/** A key that may be given, as text or as a file. */
export function readKeyIfGiven(name: string): string | undefined {
  const source = { text: given(name), file: given(`${name}_FILE`) }
  if (source.text !== undefined && source.file !== undefined)
    throw new StartError(`${name} and ${name}_FILE are both given: only one can be meant`)
  return loadKey(name, source)
}

function given(name: string): string | undefined {
  return process.env[name] || undefined
}

function missing(name: string, meaning: string): never {
  throw new StartError(`${name} is required: ${meaning}`)
}
