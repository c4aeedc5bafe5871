// What a change does to the secret of a job. The secret itself is in no version; its revision is, so that replacing it is a
// change of the job like any other, and one that says the same secret again is none.

/** What becomes of the secret. */
export type SecretChange =
  | { readonly to: 'keep' }
  | { readonly to: 'clear' }
  | { readonly to: 'replace'; readonly secret: string }

/** Decides it. `wanted` is undefined where the secret shall be cleared; `present` where there is none. */
export function decideSecret(present: string | undefined, wanted: string | undefined): SecretChange {
  if (present === wanted) return { to: 'keep' }
  return wanted === undefined ? { to: 'clear' } : { to: 'replace', secret: wanted }
}

/** The revision after a change. */
export function nextSecretRevision(revision: number, { to }: SecretChange): number {
  return to === 'keep' ? revision : revision + 1
}
