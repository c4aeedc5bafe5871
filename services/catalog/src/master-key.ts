// The master key comes as text, from the environment or from a file. It opens every project's data key, so a wrong one is found when
// the catalog starts and not when the first secret is needed. While it is rotated there are two (docs/keys-at-rest.md).

import { readFileSync } from 'node:fs'
import { StartError } from '@strait/service-kit/listen'
import { type Setting, text } from '@strait/service-kit/settings'
import type { MasterKey } from './store/secrets/secret-box.ts'

const keyBytes = 32
const base64 = /^[A-Za-z0-9+/]{43}=$/

/** Says what is wrong with the text of a master key, or nothing; the text itself is never repeated. */
export function masterKeyProblem(text: string): string | undefined {
  const right = base64.test(text) && Buffer.from(text, 'base64').length === keyBytes
  return right ? undefined : 'must be 32 bytes in base64; `openssl rand -base64 32` makes one'
}

/** Reads the text of a master key that has no problem, and of the one before it. */
export function readMasterKey(text: string, previous?: string): MasterKey {
  return { current: bytesOf(text), previous: previous === undefined ? undefined : bytesOf(previous) }
}

/** Where a key comes from: its text or the path of a file with it. At most one is given. */
export interface KeySource {
  readonly text: string | undefined
  readonly file: string | undefined
}

/** The settings of the master key and of the one before it. */
export const masterKeySettings = {
  masterKey: keySetting(
    'CATALOG_MASTER_KEY',
    'Wraps the data keys that encrypt secrets at rest: 32 bytes in base64. Losing it loses the secrets. This or its file is required.',
  ),
  masterKeyFile: fileSetting(
    'CATALOG_MASTER_KEY_FILE',
    'A file that holds the master key, in its place; read when the process starts.',
  ),
  previousMasterKey: keySetting(
    'CATALOG_PREVIOUS_MASTER_KEY',
    'Opens what the master key does not, while it is rotated.',
  ),
  previousMasterKeyFile: fileSetting(
    'CATALOG_PREVIOUS_MASTER_KEY_FILE',
    'A file that holds that key, in its place.',
  ),
}

type KeyValues = { readonly [K in keyof typeof masterKeySettings]?: string | undefined }

/** What is wrong with the settings of the master key taken together. */
export function masterKeyProblems(values: KeyValues): readonly string[] {
  const { masterKey, masterKeyFile, previousMasterKey, previousMasterKeyFile } = values
  const problems: string[] = []
  if (masterKey === undefined && masterKeyFile === undefined)
    problems.push('CATALOG_MASTER_KEY or CATALOG_MASTER_KEY_FILE is required: what encrypts secrets at rest')
  if (masterKey !== undefined && masterKeyFile !== undefined)
    problems.push('CATALOG_MASTER_KEY and CATALOG_MASTER_KEY_FILE are both given: only one can be meant')
  if (previousMasterKey !== undefined && previousMasterKeyFile !== undefined)
    problems.push(
      'CATALOG_PREVIOUS_MASTER_KEY and CATALOG_PREVIOUS_MASTER_KEY_FILE are both given: only one can be meant',
    )
  return problems
}

/** The master key of settings that have no problem; a StartError says what is wrong with a file. */
export function loadMasterKey(values: KeyValues): MasterKey {
  const previous = { text: values.previousMasterKey, file: values.previousMasterKeyFile }
  const key = loadKey('CATALOG_MASTER_KEY', { text: values.masterKey, file: values.masterKeyFile })
  if (key === undefined) throw new StartError(masterKeyProblems(values).join('\n'))
  return readMasterKey(key, loadKey('CATALOG_PREVIOUS_MASTER_KEY', previous))
}

/** The text of a key that one of two settings gives; undefined for neither. */
export function loadKey(name: string, { text, file }: KeySource): string | undefined {
  if (text !== undefined) return text
  if (file === undefined) return undefined
  const content = readFile(`${name}_FILE`, file)
  const problem = masterKeyProblem(content)
  if (problem !== undefined) throw new StartError(`${name}_FILE: the content of ${file} ${problem}`)
  return content
}

function readFile(name: string, file: string): string {
  try {
    // What writes a line into a file ends it.
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
    throw new StartError(`${name}: ${file} cannot be read${code}`, { cause })
  }
}

function bytesOf(text: string): Buffer {
  const problem = masterKeyProblem(text)
  if (problem !== undefined) throw new Error(`the master key ${problem}`)
  return Buffer.from(text, 'base64')
}

function keySetting(env: string, doc: string): Setting<string | undefined> {
  return text(env, { optional: true, secret: true, check: masterKeyProblem, doc })
}

function fileSetting(env: string, doc: string): Setting<string | undefined> {
  return text(env, { optional: true, doc })
}
