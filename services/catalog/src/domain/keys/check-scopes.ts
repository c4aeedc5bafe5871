// What keys of a project may do, and who may say so: nobody gives a scope that the own key lacks. No scope includes another
// one, but `admin` includes all of its project.

import { adminScope, deploymentScope, projectScopes } from '@strait/contracts/scopes'

/** What is wrong with a list of scopes, or with the one at `index`. */
export interface ScopeProblem {
  readonly index: number | undefined
  readonly description: string
}

/**
 * Checks that each scope is a word of the schema and stands there once. What is none is not repeated: it may be anything, a
 * secret among them.
 */
export function scopeProblems(scopes: readonly string[]): readonly ScopeProblem[] {
  // So many words cannot all be different ones; what each of them has wrong is of no use to anybody.
  if (scopes.length > 2 * projectScopes.length)
    return [
      { index: undefined, description: `must have each scope once, there are only ${projectScopes.length}` },
    ]
  return scopes.flatMap((scope, index) => {
    if (scope === deploymentScope)
      return [{ index, description: 'is for keys of no project, which the bootstrap command makes' }]
    if (!projectScopes.includes(scope))
      return [{ index, description: `is no scope; there are ${projectScopes.join(', ')}` }]
    return scopes.indexOf(scope) < index ? [{ index, description: 'is there already' }] : []
  })
}

/** The scopes among `wanted` that whoever has `own` may not give or use. */
export function missingScopes(own: ReadonlySet<string>, wanted: readonly string[]): readonly string[] {
  return own.has(adminScope) ? [] : wanted.filter((scope) => !own.has(scope))
}
