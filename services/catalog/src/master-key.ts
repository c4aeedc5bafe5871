// The master key comes as text from the environment. It opens every project's data key, so a wrong one is found when the
// catalog starts and not when the first secret is needed.

const keyBytes = 32
const base64 = /^[A-Za-z0-9+/]{43}=$/

/** Says what is wrong with the text of a master key, or nothing; the text itself is never repeated. */
export function masterKeyProblem(text: string): string | undefined {
  const right = base64.test(text) && Buffer.from(text, 'base64').length === keyBytes
  return right ? undefined : 'must be 32 bytes in base64; `openssl rand -base64 32` makes one'
}

/** Reads the text of a master key that has no problem. */
export function readMasterKey(text: string): Buffer {
  const problem = masterKeyProblem(text)
  if (problem !== undefined) throw new Error(`the master key ${problem}`)
  return Buffer.from(text, 'base64')
}
