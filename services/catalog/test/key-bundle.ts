import type { MessageInitShape } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt'
import type { Client } from '@connectrpc/connect'
import type { ApiKey, ApiKeySchema } from '@strait/contracts/catalog/v1/api_key_pb'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { sql } from 'kysely'
import type { AppBundle } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'

/** The fields of a key, as far as they are given. */
export type Fields = MessageInitShape<typeof ApiKeySchema>

/** A key that was made, with its text and a client that calls with it. */
export interface MadeKey {
  readonly key: ApiKey
  readonly token: string
  readonly keys: Client<typeof ApiKeyService>
}

/** Makes a key with the demo project's key, or with another client. */
export async function makeKey(
  app: AppBundle,
  over: Fields = {},
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

/** Changes the fields that are given, or those that are named. */
export function update(
  app: AppBundle,
  key: string,
  apiKey: Fields,
  paths = Object.keys(apiKey).map(snake),
  etag?: string,
  by = app.keys,
) {
  return by.updateApiKey({ key, apiKey, updateMask: { paths }, etag })
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** A key as it is stored, with the transaction that wrote it. */
export async function rowOf(app: AppBundle, { key }: MadeKey): Promise<string | undefined> {
  const { rows } = await sql<{ row: string }>`
    select t::text || xmin as row from api_keys t where id = ${key.id}
  `.execute(app.store.db)
  return rows[0]?.row
}
