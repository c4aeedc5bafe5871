// API keys in a cluster, as their users meet them.

import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Timestamp } from '@bufbuild/protobuf/wkt'
import { type Client, ConnectError } from '@connectrpc/connect'
import type { ApiKeySchema } from '@strait/contracts/catalog/v1/api_key_pb'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'
import type { Cluster } from './cluster.ts'

/** A key that was made for a test. */
export interface MadeKey {
  readonly id: string
  readonly token: string
  readonly expiresAt: Timestamp | undefined
  /** The first dispatcher, called with this key. */
  readonly runs: Client<typeof RunService>
}

/** The keys of the cluster's project, called with its first key. */
export function keysOf({ catalog, apiKey }: Cluster): Client<typeof ApiKeyService> {
  return createServiceClient(ApiKeyService, { baseUrl: catalog.url, bearer: apiKey })
}

/** Makes a key. */
export async function makeKey(
  cluster: Cluster,
  over: MessageInitShape<typeof ApiKeySchema>,
): Promise<MadeKey> {
  const { apiKey, token } = await keysOf(cluster).createApiKey({ apiKey: { name: 'ci', ...over } })
  return { id: apiKey?.id ?? '', token, expiresAt: apiKey?.expiresAt, runs: runsWith(cluster, token) }
}

/** The first dispatcher, called with a key. */
export function runsWith(cluster: Cluster, token: string): Client<typeof RunService> {
  const baseUrl = cluster.dispatchers[0]?.url ?? ''
  return createServiceClient(RunService, { baseUrl, bearer: token, timeoutMs: 'none' })
}

/** What comes of looking at a run that there is not: RUN_NOT_FOUND for a key that is good for it. */
export function lookWith(runs: Client<typeof RunService>): Promise<string> {
  return reasonOf(runs.getRun({ run: '00000000-0000-7000-8000-000000000000' }))
}

/** Why a call was refused; empty for one that was not. */
export async function reasonOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return ''
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error
    return error.findDetails(ErrorInfoSchema)[0]?.reason ?? error.message
  }
}
