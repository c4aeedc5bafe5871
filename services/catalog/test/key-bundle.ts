import type { MessageInitShape } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt'
import type { Client } from '@connectrpc/connect'
import type { ApiKey, ApiKeySchema } from '@strait/contracts/catalog/v1/api_key_pb'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import type { AppBundle } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'

/** A key that was made, with its text and a client that calls with it. */
export interface MadeKey {
  readonly key: ApiKey
  readonly token: string
  readonly keys: Client<typeof ApiKeyService>
}

/** Makes a key with the demo project's key, or with another client. */
export async function makeKey(
  app: AppBundle,
  over: MessageInitShape<typeof ApiKeySchema> = {},
  by: Client<typeof ApiKeyService> = app.keys,
): Promise<MadeKey> {
  const { apiKey: key, token } = await by.createApiKey({
    apiKey: { name: 'ci', scopes: ['jobs:read'], ...over },
  })
  if (key === undefined) throw new Error('the answer has no key')
  return { key, token, keys: app.client(ApiKeyService, token) }
}

/** What comes of looking at a job that there is not: JOB_NOT_FOUND for a key that is good for it. */
export async function tryKey(app: AppBundle, token: string): Promise<string | undefined> {
  return (await refusalOf(app.client(JobService, token).getJob({ job: 'no-such-job' }))).reason
}

/** An instant so many milliseconds from now. */
export function inMs(ms: number): Timestamp {
  return timestampFromMs(Date.now() + ms)
}

/** An instant as text; undefined for none. */
export function iso(at: Timestamp | undefined): string | undefined {
  return at && timestampDate(at).toISOString()
}
