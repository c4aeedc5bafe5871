// Secrets at rest: AES-256-GCM. Each project has a data key of its own, and that key is sealed with the deployment's
// master key, so that the master key can be kept elsewhere and changed by sealing few rows anew.
//
//   sealed = format (1 byte) | nonce (12 random bytes) | ciphertext | tag (16 bytes)
//
// What a sealed text belongs to (project, owner, field) is authenticated with it: moved to another row or column it does
// not open. With random nonces one key may seal some four billion texts; a project never comes near that.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const format = 1
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + nonceBytes
const keyBytes = 32

/** What a sealed text belongs to; it opens for nothing else. */
export interface Belonging {
  readonly projectId: string
  /** The row that owns the text: a job's id, or the project's own. */
  readonly ownerId: string
  /** The field it is the value of. */
  readonly field: string
}

/** The deployment's master key. While it is rotated there are two: what the first does not open, the second may. */
export interface MasterKey {
  /** Seals everything new. */
  readonly current: Uint8Array
  /** Opens only; undefined for none. */
  readonly previous: Uint8Array | undefined
}

/** A sealed text did not open: another key, another belonging, or changed bytes. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/** Encrypts bytes for one belonging; twice the same never gives the same. */
export function seal(key: Uint8Array, plain: Uint8Array, belonging: Belonging): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(belonging))
  const sealed = Buffer.concat([Buffer.of(format), nonce, cipher.update(plain), cipher.final()])
  return Buffer.concat([sealed, cipher.getAuthTag()])
}

/** Decrypts what was sealed for this belonging, or throws a SealError that tells nothing of it. */
export function open(key: Uint8Array, sealed: Uint8Array, belonging: Belonging): Buffer {
  if (sealed.length < headBytes + tagBytes || sealed[0] !== format) throw notOpened(belonging)
  const bytes = Buffer.from(sealed)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, headBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(associated(belonging)).setAuthTag(bytes.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(headBytes, -tagBytes)), decipher.final()])
  } catch (cause) {
    throw notOpened(belonging, cause)
  }
}

/** A new data key for a project, as it is stored: sealed with the master key. */
export function newDataKey({ current }: Pick<MasterKey, 'current'>, projectId: string): Buffer {
  return seal(current, randomBytes(keyBytes), dataKeyOf(projectId))
}

/** Opens a project's data key. */
export function openDataKey({ current, previous }: MasterKey, projectId: string, sealed: Uint8Array): Buffer {
  try {
    return open(current, sealed, dataKeyOf(projectId))
  } catch (error) {
    if (previous === undefined || !(error instanceof SealError)) throw error
    return open(previous, sealed, dataKeyOf(projectId))
  }
}

/** Whether a data key is sealed with this very key. */
export function isSealedWith(key: Uint8Array, projectId: string, sealed: Uint8Array): boolean {
  try {
    open(key, sealed, dataKeyOf(projectId))
    return true
  } catch (error) {
    if (error instanceof SealError) return false
    throw error
  }
}

/** A data key as it is stored, under the current master key in the place of the previous one. */
export function sealDataKeyAnew(masterKey: MasterKey, projectId: string, sealed: Uint8Array): Buffer {
  return seal(masterKey.current, openDataKey(masterKey, projectId, sealed), dataKeyOf(projectId))
}

/** Where the variables of an environment belong. */
export function variablesOf(projectId: string, environmentId: string): Belonging {
  return { projectId, ownerId: environmentId, field: 'variables' }
}

/** Where a job's webhook secret belongs. */
export function webhookSecretOf(projectId: string, jobId: string): Belonging {
  return { projectId, ownerId: jobId, field: 'webhook_secret' }
}

function dataKeyOf(projectId: string): Belonging {
  return { projectId, ownerId: projectId, field: 'data_key' }
}

// A list in JSON has one reading only: no two belongings share their bytes.
function associated({ projectId, ownerId, field }: Belonging): Buffer {
  return Buffer.from(JSON.stringify([projectId, ownerId, field]))
}

function notOpened({ ownerId, field }: Belonging, cause?: unknown): SealError {
  return new SealError(`the ${field} of ${ownerId} does not open with this key`, { cause })
}
