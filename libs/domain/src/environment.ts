// What an environment makes of a job's calls. Pure: the line of environments, the job's version and the run's own overrides come in,
// and the effective call comes out, or why there is none.
//
//   a number:  run or step ▶ variable for the job ▶ plain variable ▶ version
//   a URL:                   variable for the job ▶ plain variable ▶ version, its origin changed by ENDPOINT_BASE_URL
//
// Variables are merged along the line name by name, the plain ones and those for the job each by themselves, before any of them counts.
// What is wrong is never passed over: a variable that cannot be used, a name without a value or a URL that may not be called leaves no
// call at all, and never the job's own URL, which may be the one of production.
//
// Values are secrets. What may be shown (`maskedUrl`, reasons) is made of the version's own text and of names, never of a value.

/** Values by name. */
export type Variables = ReadonlyMap<string, string>

/** One environment's own variables, or those of a line that was merged before. */
export interface EnvironmentLayer {
  readonly variables: Variables
  /** By the slug of the job. */
  readonly jobOverrides: ReadonlyMap<string, Variables>
}

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

type Outcome<Name extends string, T> =
  | ({ readonly ok: true } & { readonly [K in Name]: T })
  | { readonly ok: false; readonly problems: readonly EnvironmentProblem[] }

/** The bounds of the variables that are numbers: those of the fields that they override. */
export const numberVariables = Object.freeze({
  TIMEOUT_SECS: { min: 1, max: 86_400 },
  MAX_ATTEMPTS: { min: 1, max: 100 },
})

/** The variables that are whole URLs. */
export const urlVariables: ReadonlySet<string> = new Set([
  'ENDPOINT_URL',
  'FALLBACK_ENDPOINT_URL',
  'WEBHOOK_URL',
])

const originOnly = /^(https?:\/\/[^/?#\\]+)\/?$/i
const withPath = /^https?:\/\/[^/?#\\]+/i

/** Whether a text is scheme, host and port, and at most a slash behind them. */
export function isOrigin(text: string): boolean {
  return originOnly.test(text)
}

/** Reads the text of a variable that is a number; undefined for what is none within its bounds. */
export function readNumberVariable(name: keyof typeof numberVariables, text: string): number | undefined {
  const { min, max } = numberVariables[name]
  const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
  return number >= min && number <= max ? number : undefined
}

/** Merges a line of environments, the root first: of two that set a name the later one wins. */
export function mergeLine(line: readonly EnvironmentLayer[]): EnvironmentLayer {
  const variables = new Map<string, string>()
  const jobOverrides = new Map<string, Map<string, string>>()
  for (const layer of line) {
    for (const [name, value] of layer.variables) variables.set(name, value)
    for (const [slug, own] of layer.jobOverrides) {
      const merged = jobOverrides.get(slug) ?? new Map<string, string>()
      for (const [name, value] of own) merged.set(name, value)
      jobOverrides.set(slug, merged)
    }
  }
  return { variables, jobOverrides }
}

/** The variables that hold for one job. */
export function variablesFor(line: readonly EnvironmentLayer[], jobSlug: string): Variables {
  const { variables, jobOverrides } = mergeLine(line)
  return new Map([...variables, ...(jobOverrides.get(jobSlug) ?? [])])
}

/** Overrides a version's fields. Without an environment the variables are empty, and the version's own fields stand. */
export function overrideCall(
  version: CallFields,
  variables: Variables,
  own: OwnOverrides = {},
): Outcome<'call', OverriddenCall> {
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
    const [, origin] = originOnly.exec(base) ?? []
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
