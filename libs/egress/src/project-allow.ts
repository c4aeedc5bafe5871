// What a project allows of that which its deployment allows. A project's list only ever takes away: an address is allowed when both
// lists name it, public ones need no list, and a list that says nothing takes nothing away.
import { type AllowList, parseAllowList } from './address.ts'
import { commonEntry, formatAllowEntry, parseAllowEntry } from './allow-entry.ts'

/** The addresses that a deployment and one of its projects both allow beside public ones. `list` is the project's, as it is stored. */
export function narrowAllowList(deployment: AllowList, list: readonly string[]): AllowList {
  if (list.length === 0) return deployment
  const parsed = parseAllowList(list)
  if (!parsed.ok) throw new Error(`a stored allow-list cannot be read: ${parsed.reason}`)
  return {
    entries: deployment.entries.flatMap((theirs) =>
      parsed.allow.entries.flatMap((ours) => commonEntry(theirs, ours) ?? []),
    ),
  }
}

/** The one spelling of an entry that a project wants to allow, or why it cannot. */
export function checkProjectEntry(
  text: string,
  deployment: AllowList,
): { readonly ok: true; readonly entry: string } | { readonly ok: false; readonly reason: string } {
  const entry = parseAllowEntry(text.trim())
  if (typeof entry === 'string') return { ok: false, reason: entry }
  if (deployment.entries.some((theirs) => commonEntry(theirs, entry) !== undefined))
    return { ok: true, entry: formatAllowEntry(entry) }
  const allowed = deployment.entries.map(formatAllowEntry).join(', ')
  const what =
    allowed === '' ? 'nothing beside public addresses' : `these beside public addresses: ${allowed}`
  return { ok: false, reason: `is outside what the deployment allows, which is ${what}` }
}
