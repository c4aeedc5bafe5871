// What keys may do, and who may say so: nobody gives a scope that the own key lacks. No scope includes another one, but
// `admin` includes all.

import { adminScope, scopes as allScopes } from '@strait/contracts/scopes'
import type { Say } from './job-input.ts'
import { quoteShort } from './text-rules.ts'

/** Checks that each scope is a word of the schema and stands there once. */
export function checkScopes(scopes: readonly string[], say: Say): void {
  // So many words cannot all be different ones; what each of them has wrong is of no use to anybody.
  if (scopes.length > 2 * allScopes.length) {
    say('scopes', `must have each scope once, there are only ${allScopes.length}`)
    return
  }
  for (const [index, scope] of scopes.entries()) {
    if (!allScopes.includes(scope))
      say(`scopes[${index}]`, `${quoteShort(scope)} is no scope; there are ${allScopes.join(', ')}`)
    else if (scopes.indexOf(scope) < index) say(`scopes[${index}]`, `${scope} is there already`)
  }
}

/** The scopes among `wanted` that whoever has `own` may not give or use. */
export function missingScopes(own: ReadonlySet<string>, wanted: readonly string[]): readonly string[] {
  return own.has(adminScope) ? [] : wanted.filter((scope) => !own.has(scope))
}
