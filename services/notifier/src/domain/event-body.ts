// What a webhook says of a run that ended. Built once, when the delivery is recorded, and the same bytes at every
// attempt. The result is inlined as the text it is: read and written again, its 64-bit integers, the order of its
// keys and its escapes would be others.

/** A run that came to its terminal status. */
export interface EndedRun {
  readonly runId: string
  readonly projectId: string
  readonly jobId: string
  readonly jobSlug: string
  readonly status: string
  readonly attempt: number
  /** JSON text. */
  readonly result: string | undefined
  readonly error: EndedError | undefined
  readonly jobVersionId: string
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly triggeredBy: string
  readonly createdAt: Date
  readonly finishedAt: Date
  readonly traceparent: string
}

export interface EndedError {
  readonly class: string
  readonly message: string
  readonly httpStatus: number | undefined
}

/** The type of the event that a run's end is. */
export function eventType({ status }: EndedRun): string {
  return `run.${status}`
}

/** Names the event: who hears of it twice hears the same name. */
export function eventId(run: EndedRun): string {
  return `${run.runId}:${eventType(run)}`
}

/** The body of the webhook, as JSON text. */
export function eventBody(run: EndedRun): string {
  const { error } = run
  const data = objectText([
    ['run_id', JSON.stringify(run.runId)],
    ['job_id', JSON.stringify(run.jobId)],
    ['job_slug', JSON.stringify(run.jobSlug)],
    ['project_id', JSON.stringify(run.projectId)],
    ['status', JSON.stringify(run.status)],
    ['attempt', JSON.stringify(run.attempt)],
    ['result', run.result ?? 'null'],
    ['error', error === undefined ? 'null' : errorText(error)],
    ['job_version_id', JSON.stringify(run.jobVersionId)],
    ['metadata', JSON.stringify(run.metadata)],
    ['tags', JSON.stringify(run.tags)],
    ['triggered_by', JSON.stringify(run.triggeredBy)],
    ['created_at', JSON.stringify(run.createdAt)],
    ['finished_at', JSON.stringify(run.finishedAt)],
    ['trace_id', JSON.stringify(run.traceparent.split('-')[1] ?? '')],
  ])
  return objectText([
    ['type', JSON.stringify(eventType(run))],
    ['timestamp', JSON.stringify(run.finishedAt)],
    ['data', data],
  ])
}

function errorText(error: EndedError): string {
  return JSON.stringify({ class: error.class, message: error.message, http_status: error.httpStatus ?? null })
}

function objectText(members: readonly (readonly [name: string, text: string])[]): string {
  return `{${members.map(([name, text]) => `"${name}":${text}`).join(',')}}`
}
