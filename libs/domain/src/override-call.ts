// What an environment makes of a job's calls. Pure: the variables that hold, the job's version and the run's own overrides come in, and the
// call comes out, or why there is none. Names in it are filled in by resolve-call.ts.
//
//   a number:  run or step ▶ variable for the job ▶ plain variable ▶ version
//   a URL:                   variable for the job ▶ plain variable ▶ version, its origin changed by ENDPOINT_BASE_URL
//
// What is wrong is never passed over: a variable that cannot be used, a name without a value or a URL that may not be called leaves no
// call at all, and never the job's own URL, which may be the one of production.
//
// Values are secrets. What may be shown (`maskedUrl`, reasons) is made of the version's own text and of names, never of a value.

import { numberVariables, readNumberVariable, readOrigin, type Variables } from './environment.ts'

/** The fields of a version that an environment may override. */
export interface CallFields {
  readonly endpointUrl: string
  readonly fallbackEndpointUrl: string | undefined
  readonly webhookUrl: string | undefined
  readonly timeoutSecs: number
  readonly maxAttempts: number
}

/** What a run or a workflow's step says by itself. */
export type OwnOverrides = Partial<Pick<CallFields, 'timeoutSecs' | 'maxAttempts'>>

/** A URL before its names are filled in. */
export interface UrlSource {
  /** May have `{{NAME}}` in it, and values of variables: not to be shown. */
  readonly template: string
  /** The same with names in the place of values. */
  readonly masked: string
  /** Whether a variable made it what it is. */
  readonly overridden: boolean
}

/** A call with everything overridden and no name filled in: what is frozen at a run's first start. */
export interface OverriddenCall {
  readonly endpoint: UrlSource
  readonly fallback: UrlSource | undefined
  readonly webhook: UrlSource | undefined
  readonly timeoutSecs: number
  readonly maxAttempts: number
  /** The names whose variables are in it. */
  readonly used: readonly string[]
}

/** Why there is no call: a field of the job, and what keeps it from having a value. */
export interface EnvironmentProblem {
  readonly field: 'endpoint_url' | 'fallback_endpoint_url' | 'webhook_url' | 'timeout_secs' | 'max_attempts'
  readonly reason: string
}

/** Either a call, or why there is none. */
export type Overridden =
  | { readonly ok: true; readonly call: OverriddenCall }
  | { readonly ok: false; readonly problems: readonly EnvironmentProblem[] }

const withPath = /^https?:\/\/[^/?#\\]+/i

/** Overrides a version's fields. Without an environment the variables are empty, and the version's own fields stand. */
export function overrideCall(version: CallFields, variables: Variables, own: OwnOverrides = {}): Overridden {
  const problems: EnvironmentProblem[] = []
  const used = new Set<string>()
  const say = (field: EnvironmentProblem['field'], reason: string) => void problems.push({ field, reason })

  function urlOf(field: EnvironmentProblem['field'], name: string, text: string | undefined) {
    const value = variables.get(name)
    if (value !== undefined) {
      used.add(name)
      return { template: value, masked: `{{${name}}}`, overridden: true }
    }
    const base = field === 'webhook_url' ? undefined : variables.get('ENDPOINT_BASE_URL')
    if (text === undefined) return undefined
    if (base === undefined) return { template: text, masked: text, overridden: false }
    used.add('ENDPOINT_BASE_URL')
    const origin = readOrigin(base)
    if (origin === undefined) say(field, 'ENDPOINT_BASE_URL is not scheme, host and port alone')
    if (!withPath.test(text)) say(field, 'has no origin that ENDPOINT_BASE_URL could take the place of')
    const masked = text.replace(withPath, () => '{{ENDPOINT_BASE_URL}}')
    return { template: text.replace(withPath, () => origin ?? ''), masked, overridden: true }
  }

  function numberOf(
    field: 'timeout_secs' | 'max_attempts',
    name: keyof typeof numberVariables,
    runs: number | undefined,
    versions: number,
  ): number {
    const value = variables.get(name)
    if (runs !== undefined || value === undefined) return runs ?? versions
    used.add(name)
    const number = readNumberVariable(name, value)
    const { min, max } = numberVariables[name]
    if (number === undefined) say(field, `${name} is not a whole number of ${min} to ${max}`)
    return number ?? versions
  }

  const endpoint = urlOf('endpoint_url', 'ENDPOINT_URL', version.endpointUrl)
  const fallback = urlOf('fallback_endpoint_url', 'FALLBACK_ENDPOINT_URL', version.fallbackEndpointUrl)
  const webhook = urlOf('webhook_url', 'WEBHOOK_URL', version.webhookUrl)
  const timeoutSecs = numberOf('timeout_secs', 'TIMEOUT_SECS', own.timeoutSecs, version.timeoutSecs)
  const maxAttempts = numberOf('max_attempts', 'MAX_ATTEMPTS', own.maxAttempts, version.maxAttempts)
  if (endpoint === undefined || problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    call: { endpoint, fallback, webhook, timeoutSecs, maxAttempts, used: [...used].toSorted() },
  }
}
