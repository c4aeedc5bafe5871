/** A promise to tell one event to one endpoint. */
export interface NewDelivery {
  /** UUIDv7; the same at every attempt. */
  readonly id: string
  readonly eventId: string
  readonly eventType: string
  readonly projectId: string
  readonly jobId: string
  readonly runId: string
  readonly url: string
  readonly traceparent: string
  /** JSON text. */
  readonly body: string
}

/** A delivery that is ours to attempt until its claim ends. */
export interface ClaimedDelivery {
  readonly id: string
  readonly jobId: string
  readonly runId: string
  readonly url: string
  readonly origin: string
  readonly traceparent: string
  /** The number of this attempt, from 1. */
  readonly attempt: number
  readonly body: Uint8Array
}

/** The origin of a URL; the whole text for one that cannot be read, which fails by itself when it is called. */
export function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url
}
