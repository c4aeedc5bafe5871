// The catalog, put together in reading order: what it works with, what callers ask of it, what other services ask of it.

import { createBus } from '@strait/bus/connect-bus'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { createPool } from '@strait/postgres/pool'
import { createDatabasePart } from '@strait/service-kit/database-part'
import { allowedAddresses } from '@strait/service-kit/egress-settings'
import { createKeyVerifier } from '@strait/service-kit/key-verifier'
import { partOf } from '@strait/service-kit/part'
import { partOfService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { App, AppContext } from '@strait/service-kit/run-service'
import type { Config } from './config.ts'
import { createFollowers } from './consumers/followers.ts'
import { createKeyNews } from './consumers/key-news.ts'
import type { JobRecord } from './domain/jobs/job.ts'
import { createPageTokens } from './domain/page-token.ts'
import { createEvents } from './events.ts'
import { readMasterKey } from './master-key.ts'
import { getHeads } from './rpc/internal/get-heads.ts'
import { getJobVersions } from './rpc/internal/get-job-versions.ts'
import { getWebhookSecrets } from './rpc/internal/get-webhook-secrets.ts'
import { headsChanged } from './rpc/internal/heads-changed.ts'
import { resolveJobs } from './rpc/internal/resolve-jobs.ts'
import { verifyKeys } from './rpc/internal/verify-keys.ts'
import { createJob } from './rpc/jobs/create-job.ts'
import { getJob } from './rpc/jobs/get-job.ts'
import type { KeyDeps } from './rpc/keys/api-key-ref.ts'
import { createApiKey } from './rpc/keys/create-api-key.ts'
import { getApiKey } from './rpc/keys/get-api-key.ts'
import { listApiKeys } from './rpc/keys/list-api-keys.ts'
import { revokeApiKey } from './rpc/keys/revoke-api-key.ts'
import { rotateApiKey } from './rpc/keys/rotate-api-key.ts'
import { updateApiKey } from './rpc/keys/update-api-key.ts'
import { createCatalogDb } from './store/database.ts'
import { verifyApiKeys } from './store/keys/api-keys.ts'
import { checkMasterKey } from './store/secrets/check-master-key.ts'
import { createTargetProblem } from './target-problem.ts'
import { createAnnounce } from './wire/announce.ts'
import { announceKeys } from './wire/keys-changed.ts'

// Calls wait for a free connection rather than open one each: ten serve some thousand small statements a second.
const maxConnections = 10
// Apart, so that followers do not wait for users nor users for followers, and planned for what never wants but a piece of an index.
const maxHeadConnections = 4

/** Puts the catalog together; nothing is opened before its parts are started. */
export function createApp(config: Config, { log, telemetry }: AppContext): App {
  const events = createEvents(log, telemetry)
  if (config.environment === 'development') events.loopbackAllowed()
  const masterKey = readMasterKey(config.masterKey)
  const targetProblem = createTargetProblem(allowedAddresses(config))

  const pool = createPool({
    url: config.databaseUrl,
    role: 'catalog',
    max: maxConnections,
    name: 'strait-catalog',
    onError: events.connectionLost,
  })
  const db = createCatalogDb(pool)
  const headsPool = createPool({
    url: config.databaseUrl,
    role: 'catalog',
    max: maxHeadConnections,
    name: 'strait-catalog-heads',
    plan: 'index_only',
    onError: events.connectionLost,
  })
  const headsDb = createCatalogDb(headsPool)
  const bus = createBus({ url: config.natsUrl, name: 'catalog', log })

  const followers = createFollowers(bus)
  events.followersThere(() => followers.there().length)
  const announce = createAnnounce({
    publish: bus.publish,
    followers,
    waitMs: config.announceWaitMs,
    waited: events.announced,
  })
  const created = async (job: JobRecord) => {
    events.jobCreated(job)
    await announce('job', [job.id])
  }
  // The catalog's own callers go through the same cache that the other services keep in front of VerifyKeys.
  const keys = createKeyVerifier(async (texts) => {
    events.asked('verify_keys', texts.length)
    const verified = await verifyApiKeys(db, texts)
    return verified.map(
      (key) =>
        key && {
          caller: { actor: `apikey:${key.keyId}`, projectId: key.projectId, scopes: new Set(key.scopes) },
          endsAt: key.expiresAt?.getTime(),
        },
    )
  })

  const keyDeps: KeyDeps = {
    db,
    changed(change, key, { by, forget }) {
      events.apiKeyChanged(change, key, by)
      if (!forget) return
      keys.forget([key.id])
      announceKeys(bus.publish, [key.id])
    },
  }

  let started = false
  return {
    name: 'catalog',
    services: [
      partOfService(JobService, {
        createJob: createJob({ db, masterKey, targetProblem, created }),
        getJob: getJob({ db }),
      }),
      rpcService(ApiKeyService, {
        createApiKey: createApiKey(keyDeps),
        getApiKey: getApiKey(keyDeps),
        listApiKeys: listApiKeys({ db, tokens: createPageTokens(masterKey) }),
        updateApiKey: updateApiKey(keyDeps),
        rotateApiKey: rotateApiKey(keyDeps),
        revokeApiKey: revokeApiKey(keyDeps),
      }),
      partOfService(CatalogInternalService, {
        verifyKeys: verifyKeys({ db, events }),
        resolveJobs: resolveJobs({ db, events }),
        getJobVersions: getJobVersions({ db, events }),
        headsChanged: headsChanged({ db: headsDb }),
        getHeads: getHeads({ db: headsDb, events }),
        getWebhookSecrets: getWebhookSecrets({ db, events, masterKey }),
      }),
    ],
    parts: [
      createDatabasePart({
        service: 'catalog',
        pools: [pool, headsPool],
        probe: () => checkMasterKey(db, masterKey),
      }),
      bus,
      createKeyNews(bus, keys.forget),
      followers,
      partOf('readiness', {
        start: async () => {
          started = true
        },
        stop: async () => {
          started = false
        },
      }),
    ],
    keys,
    ready: () => started,
  }
}
