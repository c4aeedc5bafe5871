// A job as its creator gave it: what was left out is undefined, nothing is checked yet.

/** The fields that act, as they came; enums are their lower-case word, or undefined for the default. */
export interface JobInput {
  /** The project that the body names, if it names one. */
  readonly projectId: string | undefined
  readonly name: string
  readonly slug: string | undefined
  readonly description: string | undefined
  readonly cron: string | undefined
  readonly cronPayload: string | undefined
  readonly timezone: string | undefined
  readonly endpointUrl: string
  readonly maxAttempts: number | undefined
  readonly timeoutSecs: number | undefined
  readonly defaultRunMetadata: Readonly<Record<string, string>>
  readonly webhookUrl: string | undefined
  readonly webhookSecret: string | undefined
  readonly retryStrategy: string | undefined
  readonly retryDelaysSecs: readonly number[]
  /** Every field that was set, under its name in the schema. */
  readonly given: ReadonlyMap<string, GivenValue>
}

/** A value as far as the list of inactive fields can name it; undefined stands for a list, a map or a message. */
export type GivenValue = string | number | boolean | undefined

/** One field at fault: its path as the schema names it, and why. */
export interface Problem {
  readonly field: string
  readonly description: string
}

/** Notes what is wrong with a field of the job; the field goes by its name in the schema. */
export type Say = (field: string, description: string) => void
