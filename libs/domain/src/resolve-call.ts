// The last step to a call: names are filled in with the values of this moment, and what came of it is checked, because no check at
// saving could know these values.

import { type EnvironmentLayer, type Variables, variablesFor } from './environment.ts'
import {
  type CallFields,
  type EnvironmentProblem,
  type OverriddenCall,
  type OwnOverrides,
  overrideCall,
  type UrlSource,
} from './override-call.ts'
import { fillUrl } from './url-template.ts'

/** A URL to call, and what may be shown of it. */
export interface EffectiveUrl {
  readonly url: string
  /** With names in the place of values. */
  readonly maskedUrl: string
}

/** What is called, told and waited for. */
export interface EffectiveCall {
  readonly endpoint: EffectiveUrl
  readonly fallback: EffectiveUrl | undefined
  readonly webhook: EffectiveUrl | undefined
  readonly timeoutSecs: number
  readonly maxAttempts: number
  /** The names of all variables that are in it, in order. */
  readonly used: readonly string[]
}

/** Either a call, or why there is none. */
export type ResolvedCall =
  | { readonly ok: true; readonly call: EffectiveCall }
  | { readonly ok: false; readonly problems: readonly EnvironmentProblem[] }

/** Says why a URL may not be called, or nothing. What it says is not shown: it may repeat the URL. */
export type UrlProblem = (url: string) => string | undefined

/** Everything that decides about a call. */
export interface CallQuestion {
  /** Environments, the root first; none for a job without an environment. */
  readonly line: readonly EnvironmentLayer[]
  readonly jobSlug: string
  readonly version: CallFields
  readonly own?: OwnOverrides
  readonly urlProblem: UrlProblem
}

/** Resolves a call whole: overrides, then fills in. */
export function resolveCall({ line, jobSlug, version, own, urlProblem }: CallQuestion): ResolvedCall {
  const variables = variablesFor(line, jobSlug)
  const overridden = overrideCall(version, variables, own)
  return overridden.ok ? fillCall(overridden.call, variables, urlProblem) : overridden
}

/** Fills the names of a call in. A URL that no variable had a part in was checked when its job was saved and passes as it is. */
export function fillCall(call: OverriddenCall, variables: Variables, urlProblem: UrlProblem): ResolvedCall {
  const problems: EnvironmentProblem[] = []
  const used = new Set(call.used)

  function fill(field: EnvironmentProblem['field'], source: UrlSource): EffectiveUrl {
    const filled = fillUrl(source.template, variables)
    if (!filled.ok) {
      problems.push({ field, reason: `${source.masked}: ${filled.reason}` })
      return { url: '', maskedUrl: source.masked }
    }
    for (const name of filled.used) used.add(name)
    const isTouched = source.overridden || filled.used.length > 0
    if (isTouched && urlProblem(filled.url) !== undefined)
      problems.push({ field, reason: `${source.masked}: is no URL that may be called` })
    return { url: filled.url, maskedUrl: source.masked }
  }

  const endpoint = fill('endpoint_url', call.endpoint)
  const fallback = call.fallback && fill('fallback_endpoint_url', call.fallback)
  const webhook = call.webhook && fill('webhook_url', call.webhook)
  if (problems.length > 0) return { ok: false, problems }
  const { timeoutSecs, maxAttempts } = call
  return {
    ok: true,
    call: { endpoint, fallback, webhook, timeoutSecs, maxAttempts, used: [...used].toSorted() },
  }
}
