// The settings of a job that this release stores and does not act on, in one list that shrinks until it is empty. A run of a job that has
// one of them is refused: a job that silently does something else than it says is the worst answer. Pure.

/** Settings that shape every run: the values that are accepted are what happens anyway. */
const ofEveryRun = {
  payload_schema: [undefined],
  fallback_endpoint_url: [undefined],
  max_concurrency: [0],
  execution_window_cron: [undefined],
  rate_limit_max: [0],
  rate_limit_window_secs: [0],
  max_concurrency_per_key: [0],
  rate_limit_keys: [0],
  dedup_window_secs: [0],
  run_ttl_secs: [0],
  environment_id: [undefined],
  version_policy: ['pin'],
  on_complete_trigger_workflow: [undefined],
  on_complete_payload_mapping: [undefined],
  on_lost_attempt: [undefined, 'retry'],
} as const

/** Settings that shape only the runs that a schedule makes. */
const ofCronRuns = {
  dst_gap: ['skip'],
  dst_overlap: ['first'],
  misfire: ['fire_once'],
  misfire_max_age_secs: [undefined],
  overlap: ['allow'],
  window_policy: ['latest'],
  spread_secs: [0],
} as const

type Field = keyof typeof ofEveryRun | keyof typeof ofCronRuns

/** The fields that the lists name. */
export const notYetActingFields: readonly Field[] = [
  ...(Object.keys(ofEveryRun) as (keyof typeof ofEveryRun)[]),
  ...(Object.keys(ofCronRuns) as (keyof typeof ofCronRuns)[]),
]

/** A version's settings by their names in the schema: a word, a number, a list's length; undefined where nothing is set. */
export type StoredSettings = Readonly<Record<Field, string | number | undefined>>

/** The fields of a version that do not act though they are set. */
export interface NotYetActing {
  /** For any run of it. */
  readonly always: readonly string[]
  /** For the runs that its cron makes, besides. */
  readonly byCron: readonly string[]
}

/** Names what is set and does not act; `templated` are the fields whose URL waits for a variable that nothing fills in. */
export function findNotYetActing(settings: StoredSettings, templated: readonly string[] = []): NotYetActing {
  const differ = differing(ofEveryRun, settings).filter((field) => !isBroughtByLimit(field, settings))
  return { always: [...templated, ...differ], byCron: differing(ofCronRuns, settings) }
}

/** Whether a limit of how many run at once has set this where its user set nothing: it is named itself. */
function isBroughtByLimit(field: string, settings: StoredSettings): boolean {
  const isLimited = settings.max_concurrency !== 0 || settings.max_concurrency_per_key !== 0
  return field === 'on_lost_attempt' && settings.on_lost_attempt === 'hold' && isLimited
}

function differing(
  accepted: Readonly<Partial<Record<Field, readonly unknown[]>>>,
  settings: StoredSettings,
): readonly string[] {
  return Object.entries(accepted).flatMap(([field, values]) =>
    values.includes(settings[field as Field]) ? [] : [field],
  )
}
