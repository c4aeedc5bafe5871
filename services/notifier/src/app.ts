import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { createEgress } from '@strait/egress/client'
import { allowedAddresses } from '@strait/service-kit/egress-settings'
import { noKeys } from '@strait/service-kit/key-verifier'
import { partOf } from '@strait/service-kit/part'
import type { App, AppContext } from '@strait/service-kit/run-service'
import type { Config } from './config.ts'
import { createNews } from './consumers/news.ts'
import { createRunFeed } from './consumers/run-feed.ts'
import { createEvents } from './events.ts'
import { createWebhookSecrets } from './http/webhook-secrets.ts'
import { createSend } from './loops/send.ts'
import { openDatabase } from './store/open-database.ts'

const POOL_SIZE = 8
// Of an answer only the status counts; a longer body is cut.
const MAX_ANSWER_BYTES = 64 * 1024
// While the catalog is silent, deliveries wait: better told soon than late.
const CATALOG_TIMEOUT_MS = 3_000

/** Puts the notifier together; nothing is connected before its parts start. */
export function createApp(config: Config, { log, telemetry }: AppContext): App {
  const { sweepMs } = config
  const events = createEvents({ meter: telemetry.meter, log })
  if (config.environment === 'development') events.loopbackAllowed()
  const database = openDatabase({ url: config.databaseUrl, max: POOL_SIZE, onError: events.connectionLost })
  const { db } = database
  const bearer = config.serviceToken
  const dispatcher = createServiceClient(DispatcherInternalService, { baseUrl: config.dispatcherUrl, bearer })
  const catalog = createServiceClient(CatalogInternalService, {
    baseUrl: config.catalogUrl,
    bearer,
    timeoutMs: CATALOG_TIMEOUT_MS,
  })

  const secretsOf = createWebhookSecrets(async (jobIds) => {
    const { secrets } = await catalog.getWebhookSecrets({ jobIds: [...jobIds] })
    return secrets.map((ofJob) => ofJob.secrets)
  })
  const egress = createEgress({
    allow: allowedAddresses(config),
    userAgent: 'Strait/0',
    maxResponseBytes: MAX_ANSWER_BYTES,
    connectionsPerOrigin: config.maxInFlightPerOrigin,
  })
  const send = createSend({
    db,
    egress,
    secretsOf,
    retries: { delaysMs: config.retryDelaysMs, jitter: config.retryJitter },
    timeoutMs: config.timeoutSecs * 1_000,
    leaseMs: config.leaseSecs * 1_000,
    maxInFlight: config.maxInFlight,
    maxInFlightPerOrigin: config.maxInFlightPerOrigin,
    sweepMs,
    drainMs: config.drainSecs * 1_000,
    events,
    log,
  })
  const news = createNews({
    url: config.natsUrl,
    followRunFeed: (bus) =>
      createRunFeed({ bus, db, dispatcher, onDeliveries: send.nudge, pollMs: sweepMs, events, log }),
    log,
  })

  let ready = false
  const readiness = partOf('readiness', {
    start: async () => {
      ready = true
    },
    stop: async () => {
      ready = false
    },
  })
  return {
    name: 'notifier',
    services: [],
    parts: [database.part, send, news, readiness],
    // There is no service here that a key would open.
    keys: noKeys,
    ready: () => ready,
  }
}
