// The variables of environments: what a line of them comes to, and what those are that override a call (see override-call.ts).
//
// Variables are merged along the line name by name, the plain ones and those for the job each by themselves, before any of them counts.

/** Values by name. */
export type Variables = ReadonlyMap<string, string>

/** One environment's own variables, or those of a line that was merged before. */
export interface EnvironmentLayer {
  readonly variables: Variables
  /** By the slug of the job. */
  readonly jobOverrides: ReadonlyMap<string, Variables>
}

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

/** Reads a text that is scheme, host and port, without the slash that may be behind them; undefined for any other. */
export function readOrigin(text: string): string | undefined {
  return /^(https?:\/\/[^/?#\\]+)\/?$/i.exec(text)?.[1]
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
