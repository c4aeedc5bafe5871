// The catalog, put together in reading order: what it works with, what callers ask of it, what other services ask of it.

import { createBus } from '@strait/bus/connect-bus'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { checkProjectEntry } from '@strait/egress/project-allow'
import { createSchemaChecker } from '@strait/payload-schema/schema-checker'
import { createPool } from '@strait/postgres/pool'
import { keyCaller } from '@strait/service-kit/access'
import { createDatabasePart } from '@strait/service-kit/database-part'
import { allowedAddresses } from '@strait/service-kit/egress-settings'
import { createKeyVerifier } from '@strait/service-kit/key-verifier'
import { partOf } from '@strait/service-kit/part'
import { rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { App, AppContext } from '@strait/service-kit/run-service'
import type { Config } from './config.ts'
import { createFollowers } from './consumers/followers.ts'
import { createKeyNews } from './consumers/key-news.ts'
import { createPageTokens } from './domain/page-token.ts'
import { createEvents } from './events.ts'
import { createAuditChainer } from './loops/chain-audit.ts'
import { loadMasterKey } from './master-key.ts'
import { auditService } from './rpc/audit/audit-service.ts'
import { environmentService } from './rpc/environments/environment-service.ts'
import { jobGroupService } from './rpc/groups/job-group-service.ts'
import { getEnvironmentValues } from './rpc/internal/get-environment-values.ts'
import { getHeads } from './rpc/internal/get-heads.ts'
import { getJobVersions } from './rpc/internal/get-job-versions.ts'
import { getWebhookSecrets } from './rpc/internal/get-webhook-secrets.ts'
import { getWorkflowVersions } from './rpc/internal/get-workflow-versions.ts'
import { headsChanged } from './rpc/internal/heads-changed.ts'
import { listVersionSteps } from './rpc/internal/list-version-steps.ts'
import { resolveJobs } from './rpc/internal/resolve-jobs.ts'
import { verifyKeys } from './rpc/internal/verify-keys.ts'
import { jobService } from './rpc/jobs/job-service.ts'
import type { KeyDeps } from './rpc/keys/api-key-ref.ts'
import { createApiKey } from './rpc/keys/create-api-key.ts'
import { getApiKey } from './rpc/keys/get-api-key.ts'
import { listApiKeys } from './rpc/keys/list-api-keys.ts'
import { revokeApiKey } from './rpc/keys/revoke-api-key.ts'
import { rotateApiKey } from './rpc/keys/rotate-api-key.ts'
import { updateApiKey } from './rpc/keys/update-api-key.ts'
import { projectService } from './rpc/projects/project-service.ts'
import { workflowService } from './rpc/workflows/workflow-service.ts'
import { createCatalogDb } from './store/database.ts'
import { verifyApiKeys } from './store/keys/api-keys.ts'
import { findEgressAllow } from './store/projects/find-projects.ts'
import { checkMasterKey } from './store/secrets/check-master-key.ts'
import { createTargetProblem } from './target-problem.ts'
import { type Announce, createAnnounce } from './wire/announce.ts'
import { createCountUnfinishedRuns } from './wire/count-unfinished-runs.ts'
import { announceKeys } from './wire/keys-changed.ts'

// Calls wait for a free connection rather than open one each: ten serve some thousand small statements a second.
const maxConnections = 10
// Apart, so that followers do not wait for users nor users for followers, and planned for what never wants but a piece of an index.
const maxHeadConnections = 4

/** Puts the catalog together; nothing is opened before its parts are started. */
export function createApp(config: Config, { log, telemetry }: AppContext): App {
  const events = createEvents(log, telemetry)
  if (config.environment === 'development') events.loopbackAllowed()
  const masterKey = loadMasterKey(config)
  const allowed = allowedAddresses(config)

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

  const schemas = createSchemaChecker()
  const tokens = createPageTokens(masterKey)
  const chainer = createAuditChainer({ db, log, events, intervalMs: config.auditChainMs })
  const targetProblemOf = async (projectId: string) =>
    createTargetProblem(allowed, await findEgressAllow(db, projectId))
  const [baseUrl, bearer] = [config.dispatcherUrl, config.serviceToken]
  const dispatcher = createServiceClient(DispatcherInternalService, { baseUrl, bearer })

  const followers = createFollowers(bus)
  events.followersThere(() => followers.there().length)
  const tell = createAnnounce({
    publish: bus.publish,
    followers,
    waitMs: config.announceWaitMs,
    waited: events.announced,
  })
  const announce: Announce = (kind, ids) => {
    // What is announced was recorded: its entry need not wait for the clock.
    chainer.nudge()
    return tell(kind, ids)
  }
  const countUnfinishedRuns = createCountUnfinishedRuns(dispatcher)
  // The catalog's own callers go through the same cache that the other services keep in front of VerifyKeys.
  const keys = createKeyVerifier(async (texts) => {
    events.asked('verify_keys', texts.length)
    const verified = await verifyApiKeys(db, texts)
    return verified.map(
      (key) =>
        key && {
          caller: keyCaller(key),
          endsAt: key.expiresAt?.getTime(),
        },
    )
  })

  const keyDeps: KeyDeps = {
    db,
    changed(change, key, { by, forget }) {
      events.apiKeyChanged(change, key, by)
      chainer.nudge()
      if (!forget) return
      keys.forget([key.id])
      announceKeys(bus.publish, [key.id])
    },
  }

  let started = false
  return {
    name: 'catalog',
    services: [
      jobService({ db, masterKey, targetProblemOf, schemas, tokens, announce, countUnfinishedRuns, events }),
      rpcService(ApiKeyService, {
        createApiKey: createApiKey(keyDeps),
        getApiKey: getApiKey(keyDeps),
        listApiKeys: listApiKeys({ db, tokens }),
        updateApiKey: updateApiKey(keyDeps),
        rotateApiKey: rotateApiKey(keyDeps),
        revokeApiKey: revokeApiKey(keyDeps),
      }),
      auditService({ db, tokens }),
      environmentService({
        db,
        tokens,
        masterKey,
        targetProblemOf,
        announce,
        changed: events.environmentChanged,
      }),
      jobGroupService({
        db,
        tokens,
        dispatcher,
        async changed(change, group, { by, jobIds = [] }) {
          events.jobGroupChanged(change, group, by)
          await Promise.all([announce('job_group', [group.id]), announce('job', jobIds)])
        },
      }),
      projectService({
        db,
        tokens,
        masterKey,
        checkEntry: (text) => checkProjectEntry(text, allowed),
        async changed(change, project, by) {
          events.projectChanged(change, project, by)
          await announce('project', [project.id])
        },
      }),
      workflowService({ db, events, announce, tokens }),
      rpcService(CatalogInternalService, {
        verifyKeys: verifyKeys({ db, events }),
        resolveJobs: resolveJobs({ db, events }),
        getJobVersions: getJobVersions({ db, events }),
        headsChanged: headsChanged({ db: headsDb }),
        getHeads: getHeads({ db: headsDb, events }),
        listVersionSteps: listVersionSteps({ db, events }),
        getWorkflowVersions: getWorkflowVersions({ db, events }),
        getWebhookSecrets: getWebhookSecrets({ db, events, masterKey }),
        getEnvironmentValues: getEnvironmentValues({ db, events, masterKey }),
      }),
    ],
    parts: [
      createDatabasePart({
        service: 'catalog',
        pools: [pool, headsPool],
        probe: () => checkMasterKey(db, masterKey),
      }),
      schemas,
      bus,
      createKeyNews(bus, keys.forget),
      followers,
      chainer,
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
