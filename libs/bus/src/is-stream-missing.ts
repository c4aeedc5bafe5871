import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'

/** Says whether an error of JetStream means that a stream is not there, or that nobody answers for it. */
export function isStreamMissing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === JetStreamApiCodes.StreamNotFound
  // Nobody listens on the subject, which the client takes for a server without JetStream.
  return error instanceof Error && error.name === 'JetStreamNotEnabled'
}
