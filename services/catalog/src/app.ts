// The catalog, put together in reading order: what it works with, who is told of changes, what callers ask of it, what it does by itself.

import { createBus } from '@strait/bus/connect-bus'
import { createServiceClient } from '@strait/contracts/clients'
import { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { checkProjectEntry } from '@strait/egress/project-allow'
import { createSchemaChecker } from '@strait/payload-schema/schema-checker'
import { keyCaller } from '@strait/service-kit/access'
import { createDatabasePart } from '@strait/service-kit/database-part'
import { allowedAddresses } from '@strait/service-kit/egress-settings'
import { createKeyVerifier } from '@strait/service-kit/key-verifier'
import { partOf } from '@strait/service-kit/part'
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
import { internalService } from './rpc/internal/internal-service.ts'
import { jobService } from './rpc/jobs/job-service.ts'
import type { KeyDeps } from './rpc/keys/api-key-ref.ts'
import { apiKeyService } from './rpc/keys/key-service.ts'
import { projectService } from './rpc/projects/project-service.ts'
import { workflowService } from './rpc/workflows/workflow-service.ts'
import { verifyApiKeys } from './store/keys/api-keys.ts'
import { openDatabases } from './store/open-databases.ts'
import { findEgressAllow } from './store/projects/find-projects.ts'
import { checkMasterKey } from './store/secrets/check-master-key.ts'
import { createTargetProblem } from './target-problem.ts'
import { type Announce, createAnnounce } from './wire/announce.ts'
import { createCountUnfinishedRuns } from './wire/count-unfinished-runs.ts'
import { announceKeys } from './wire/keys-changed.ts'

/** Puts the catalog together; nothing is opened before its parts are started. */
export function createApp(config: Config, { log, telemetry }: AppContext): App {
  const events = createEvents(log, telemetry)
  if (config.environment === 'development') events.loopbackAllowed()
  const masterKey = loadMasterKey(config)
  const tokens = createPageTokens(masterKey)
  const schemas = createSchemaChecker({ onBroken: events.schemaThreadBroke })
  const { db, headsDb, pools } = openDatabases(config.databaseUrl, events.connectionLost)
  const bus = createBus({ url: config.natsUrl, name: 'catalog', log })
  const [baseUrl, bearer] = [config.dispatcherUrl, config.serviceToken]
  const dispatcher = createServiceClient(DispatcherInternalService, { baseUrl, bearer })
  const allowed = allowedAddresses(config)
  const targetProblemOf = async (projectId: string) =>
    createTargetProblem(allowed, await findEgressAllow(db, projectId))

  const chainer = createAuditChainer({ db, log, events, intervalMs: config.auditChainMs })
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

  // The catalog's own callers go through the same cache that the other services keep in front of VerifyKeys.
  const keys = createKeyVerifier(async (texts) => {
    events.asked('verify_keys', texts.length)
    const verified = await verifyApiKeys(db, texts)
    return verified.map((key) => key && { caller: keyCaller(key), endsAt: key.expiresAt?.getTime() })
  })
  const keyChanged: KeyDeps['changed'] = (change, key, { by, forget }) => {
    events.apiKeyChanged(change, key, by)
    chainer.nudge()
    if (!forget) return
    keys.forget([key.id])
    announceKeys(bus.publish, [key.id])
  }

  const countUnfinishedRuns = createCountUnfinishedRuns(dispatcher)
  const shared = { db, tokens, events, announce, masterKey, targetProblemOf }
  let started = false
  return {
    name: 'catalog',
    services: [
      jobService({ ...shared, schemas, countUnfinishedRuns }),
      workflowService(shared),
      environmentService({ ...shared, changed: events.environmentChanged }),
      jobGroupService({
        ...shared,
        dispatcher,
        async changed(change, group, { by, jobIds = [] }) {
          events.jobGroupChanged(change, group, by)
          await Promise.all([announce('job_group', [group.id]), announce('job', jobIds)])
        },
      }),
      projectService({
        ...shared,
        checkEntry: (text) => checkProjectEntry(text, allowed),
        async changed(change, project, by) {
          events.projectChanged(change, project, by)
          await announce('project', [project.id])
        },
      }),
      apiKeyService({ db, tokens, changed: keyChanged }),
      auditService({ db, tokens }),
      internalService({ db, headsDb, events, masterKey }),
    ],
    parts: [
      createDatabasePart({ service: 'catalog', pools, probe: () => checkMasterKey(db, masterKey) }),
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
