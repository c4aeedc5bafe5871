// A project's allow-list: ranges of addresses, each within what the deployment allows, kept in one spelling each.

import type { Say } from '../jobs/job-input.ts'
import { quoteShort } from '../text-rules.ts'

/** Says how one entry is spelt, or why it cannot be one. What the deployment allows is in it. */
export type EntryCheck = (
  text: string,
) => { readonly ok: true; readonly entry: string } | { readonly ok: false; readonly reason: string }

const maxEntries = 50

/** Checks a list and answers it as it is stored. */
export function checkEgressAllow(
  texts: readonly string[],
  checkEntry: EntryCheck,
  say: Say,
): readonly string[] {
  if (texts.length > maxEntries) {
    say('egress_allow', `must have at most ${maxEntries} entries, not ${texts.length}`)
    return []
  }
  const entries: string[] = []
  for (const [index, text] of texts.entries()) {
    const checked = checkEntry(text)
    const problem = checked.ok ? undefined : `${quoteShort(text)} ${checked.reason}`
    if (problem !== undefined) say(`egress_allow[${index}]`, problem)
    if (!checked.ok) continue
    if (entries.includes(checked.entry)) say(`egress_allow[${index}]`, 'is there already')
    entries.push(checked.entry)
  }
  return entries
}
