// What the comments of the schema say in words that a machine can rely on. Only turns of phrase that the comments use throughout
// are read; whatever else they say stays text.

import { type ReasonWord, reasonWords } from '@strait/contracts/rest-status'

/** The first sentence of a comment, without its full stop, and the rest. */
export function splitSummary(comment: string): { readonly summary: string; readonly rest: string } {
  const [whole = '', sentence = ''] = /^(.+?)[.!?](?=\s|$)/s.exec(comment) ?? [comment, comment]
  return { summary: sentence, rest: comment.slice(whole.length).trim() }
}

/** Whether a field is set by Strait and ignored when a caller gives it. */
export function isOutputOnly(comment: string): boolean {
  return comment.startsWith('Output only.')
}

/** Whether a request without the field is refused. */
export function isRequired(comment: string): boolean {
  return /(?:^|[.] )Required[.,]/.test(comment)
}

/** The reasons that a method's comment names, in the order of the schema. */
export function reasonsIn(comment: string): readonly ReasonWord[] {
  const words = new Set(comment.match(/\b[A-Z][A-Z_]+[A-Z]\b/g))
  return reasonWords.filter((reason) => words.has(reason))
}

/** The fields that an update mask's comment allows; undefined where it does not name them. */
export function maskableIn(comment: string): readonly string[] | undefined {
  const [, names] = /^Which fields to change: ((?:`\w+`(?:, )?)+)\./.exec(comment) ?? []
  return names?.match(/\w+/g) ?? undefined
}

/** A field's comment as a description: marks that the document has keywords for are left out. */
export function describe(comment: string): string {
  return comment
    .replace(/^Output only\.\s*/, '')
    .replace(/(^|[.)] )Required\.(?: |$)/, '$1')
    .trim()
}
