/** What callers give back with a change to say which state of a thing they decided on: its revision, which counts its changes. */
export function etagOf({ revision }: { readonly revision: number }): string {
  return `rev_${revision}`
}
