import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { noKeys } from '@strait/service-kit/key-verifier'
import { partOf } from '@strait/service-kit/part'
import type { App, AppContext } from '@strait/service-kit/run-service'
import type { Config } from './config.ts'
import { createNews } from './consumers/news.ts'
import { createRunFeed } from './consumers/run-feed.ts'
import { createEvents } from './events.ts'
import { createCheckSchedules } from './loops/check-schedules.ts'
import { createFire } from './loops/fire.ts'
import { createFollowCatalog } from './loops/follow-catalog.ts'
import { createRepair } from './loops/repair.ts'
import { createSendFires } from './loops/send-fires.ts'
import { openDatabase } from './store/open-database.ts'
import { createChangedJobs } from './wire/changed-jobs.ts'
import { fromOutcomeMessage, toDueMessage } from './wire/due-codec.ts'

const POOL_SIZE = 8
const FIRE_BATCH = 2_000
// A payload above this goes over RPC, so that one message still holds many fires.
const MAX_STREAMED_PAYLOAD_BYTES = 16 * 1024

/** Puts the scheduler together; nothing is connected before its parts start. */
export function createApp(config: Config, { log, telemetry }: AppContext): App {
  const { resendMs, sweepMs } = config
  const events = createEvents({ meter: telemetry.meter, log })
  const database = openDatabase({ url: config.databaseUrl, max: POOL_SIZE, onError: events.connectionLost })
  const { db } = database
  const bearer = config.serviceToken
  const catalog = createServiceClient(CatalogInternalService, { baseUrl: config.catalogUrl, bearer })
  const dispatcher = createServiceClient(DispatcherInternalService, { baseUrl: config.dispatcherUrl, bearer })

  const news = createNews({
    url: config.natsUrl,
    followRunFeed: (bus) => createRunFeed({ bus, db, dispatcher, pollMs: sweepMs, events, log }),
    onJobsChanged: () => followCatalog.nudge(),
    log,
  })
  const repair = createRepair({
    db,
    createRuns: async (items) => {
      const { outcomes } = await dispatcher.createRuns({ items: items.map(toDueMessage) })
      return outcomes.map(fromOutcomeMessage)
    },
    resendMs,
    events,
    log,
  })
  const sendFires = createSendFires({ publish: news.publishDue, sendOverRpc: repair.sendOverRpc, events })
  const recording = {
    db,
    send: sendFires.send,
    resendMs,
    maxPayloadBytes: MAX_STREAMED_PAYLOAD_BYTES,
    events,
    log,
  }
  const fire = createFire({ ...recording, batchSize: FIRE_BATCH })
  const followCatalog = createFollowCatalog({
    ...recording,
    changedJobs: createChangedJobs(catalog),
    onSchedules: fire.nudge,
    intervalMs: sweepMs,
  })
  const checkSchedules = createCheckSchedules({ db, events, log })

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
    name: 'scheduler',
    services: [],
    parts: [database.part, news, sendFires, repair, fire, followCatalog, checkSchedules, readiness],
    // There is no service here that a key would open.
    keys: noKeys,
    ready: () => ready,
  }
}
