// The dispatcher, put together in reading order.

import { createBus } from '@strait/bus/connect-bus'
import { ensureTopology } from '@strait/bus/topology'
import { createCatalogFollower } from '@strait/catalog-follower/catalog-follower'
import { createFollowerEvents } from '@strait/catalog-follower/follower-events'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { subjects } from '@strait/contracts/subjects'
import { createEgress } from '@strait/egress/client'
import { trimFeed } from '@strait/postgres/feed'
import { createPool, type PoolOptions } from '@strait/postgres/pool'
import { createDatabasePart } from '@strait/service-kit/database-part'
import { allowedAddresses } from '@strait/service-kit/egress-settings'
import { createKeyVerifier } from '@strait/service-kit/key-verifier'
import { createLoop } from '@strait/service-kit/loop'
import { partOf } from '@strait/service-kit/part'
import { remoteKeys } from '@strait/service-kit/remote-keys'
import { rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { App, AppContext } from '@strait/service-kit/run-service'
import type { Config } from './config.ts'
import { createDueConsumer } from './consumers/due.ts'
import { createLiveChanges } from './consumers/live-changes.ts'
import { createNewsListener, encodeShardsMoved } from './consumers/news.ts'
import { createRunNews } from './consumers/run-news.ts'
import { createWakes } from './consumers/wakes.ts'
import { type CreateRun, createRunCreator } from './create-runs.ts'
import { createAdmission } from './domain/admission.ts'
import { createDatabaseClock } from './domain/database-clock.ts'
import type { Entry } from './domain/entry.ts'
import { createEvents } from './events.ts'
import { createCancel } from './loops/cancel.ts'
import { createExecutor } from './loops/executor.ts'
import { createFinisher } from './loops/finisher.ts'
import { recordLost } from './loops/lost.ts'
import { createOwnership } from './loops/ownership.ts'
import { createSweep } from './loops/sweep.ts'
import { countRuns } from './rpc/count-runs.ts'
import { createRuns } from './rpc/create-runs.ts'
import { getRun } from './rpc/get-run.ts'
import { listAttempts } from './rpc/list-attempts.ts'
import { readFeed } from './rpc/read-feed.ts'
import { triggerJob } from './rpc/trigger-job.ts'
import { watchRun } from './rpc/watch-run.ts'
import { deleteOldDispatchers } from './store/dispatchers.ts'
import { createFeedDb } from './store/feed-db.ts'
import { createUnderWay } from './under-way.ts'
import { createLiveJobs } from './wire/live-jobs.ts'

const hotPool = { plan: 'index_only', role: 'dispatcher', max: 1 } as const
const pageSize = 5_000
const upkeepMs = 10_000

/** Puts the dispatcher together; nothing is opened before its parts are started. */
export function createApp(config: Config, { log, telemetry }: AppContext): App {
  const events = createEvents(telemetry.meter, log)
  if (config.environment === 'development') events.loopbackAllowed()

  // Connections: one for the lease, one each for inserts, starts and ends, the rest for everything else.
  const poolOf = (name: string, more: Partial<PoolOptions>) =>
    createPool({
      url: config.databaseUrl,
      role: 'dispatcher',
      name: `strait-dispatcher-${name}`,
      max: 1,
      onError: (err) => log.warn({ err, pool: name }, 'a connection was lost'),
      ...more,
    })
  const leasePool = poolOf('lease', { max: 2 })
  const insertPool = poolOf('insert', {})
  const startPool = poolOf('start', hotPool)
  const finishPool = poolOf('finish', hotPool)
  const readPool = poolOf('read', { max: 8 })
  const pools = [leasePool, insertPool, startPool, finishPool, readPool]
  const feedDb = createFeedDb(readPool)

  const bus = createBus({ url: config.natsUrl, name: 'dispatcher', log })
  const publishNews = (news: Uint8Array) => void bus.publishStream(subjects.feed('dispatcher'), news)
  const catalog = createServiceClient(CatalogInternalService, {
    baseUrl: config.catalogUrl,
    bearer: config.serviceToken,
    timeoutMs: 5_000,
  })
  const follower = createCatalogFollower({
    catalog,
    bus,
    log,
    events: createFollowerEvents(telemetry.meter),
    pollMs: config.sweepMs,
  })
  const jobs = createLiveJobs(follower)
  const keys = createKeyVerifier(remoteKeys(catalog))
  const egress = createEgress({
    allow: allowedAddresses(config),
    userAgent: 'Strait/0',
    // A start that is recorded is called at once: it never waits for a connection that another call has.
    connectionsPerOrigin: config.maxInFlight,
  })
  const clock = createDatabaseClock(Date.now)
  const news = createRunNews(bus)
  const underWay = createUnderWay()
  const admission = createAdmission(config.maxHeld, jobs.isHeld)

  // Waiting runs: to Admission when this process owns their shard, else to whoever does.
  const admit = (entries: readonly Entry[]) => {
    for (const entry of entries) admission.offer(entry)
    executor.pump()
  }
  const wakes = createWakes({ bus, owned: () => ownership.current()?.shards ?? new Set(), admit })
  const finisher = createFinisher({
    db: finishPool,
    events,
    publishNews,
    onChanged: news.changed,
    offer: wakes.offer,
  })
  const executor = createExecutor({
    db: startPool,
    admission,
    jobs,
    egress,
    finisher,
    clock,
    events,
    maxInFlight: config.maxInFlight,
    drainMs: config.drainSecs * 1_000,
    retryJitter: config.retryJitter,
    incarnation: () => ownership.current(),
    onStarted: news.changed,
    onRunningLow: () => sweep.nudge(),
  })
  const ownership = createOwnership({
    pool: leasePool,
    leaseMs: config.leaseMs,
    admission,
    clock,
    executor,
    events,
    log,
    onShards(shards) {
      wakes.listen(shards)
      sweep.nudge()
    },
    announce: (shards) => bus.publish(subjects.shards, encodeShardsMoved(shards)),
    recordLost: (me, shards) => recordLost({ db: readPool, jobs, finisher, clock, events }, me, shards),
  })
  const sweep = createSweep({
    db: readPool,
    intervalMs: config.sweepMs,
    admission,
    executor,
    incarnation: ownership.current,
    pageSize,
    log,
  })

  const cancel = createCancel({
    db: readPool,
    jobs,
    admission,
    finisher,
    clock,
    incarnation: ownership.current,
    intervalMs: config.sweepMs,
    log,
  })
  follower.onChanged(
    createLiveChanges({
      isCanceled: jobs.isCanceled,
      releaseHeld: admission.releaseHeld,
      onReleased: () => sweep.nudge(),
      stored: underWay.over,
      onCanceled(jobId) {
        executor.cancelJob(jobId)
        cancel.add(jobId)
      },
    }),
  )

  const storeRun = createRunCreator({
    db: insertPool,
    events,
    offer: wakes.offer,
    publishNews,
    onChanged: news.changed,
  })
  const createRun: CreateRun = (run) => underWay.track(run.jobId, storeRun(run))
  const { maxPayloadBytes } = config
  const dueRuns = { db: readPool, jobs, createRun, maxPayloadBytes, publishNews }
  const due = createDueConsumer({ bus, dueRuns, log })
  const upkeep = createLoop({
    name: 'upkeep',
    intervalMs: upkeepMs,
    log,
    async runOnce() {
      await trimFeed(feedDb, config.feedFollowers)
      await deleteOldDispatchers(readPool)
    },
  })

  return {
    name: 'dispatcher',
    services: [
      rpcService(RunService, {
        triggerJob: triggerJob({ db: readPool, jobs, createRun, maxPayloadBytes }),
        getRun: getRun(readPool),
        listAttempts: listAttempts(readPool),
        watchRun: watchRun(readPool, news),
      }),
      rpcService(DispatcherInternalService, {
        createRuns: createRuns(dueRuns),
        countRuns: countRuns(readPool),
        readFeed: readFeed(feedDb, config.feedFollowers),
      }),
    ],
    parts: [
      createDatabasePart({
        service: 'dispatcher',
        pools,
        probe: () => readPool.query('select from queue limit 0'),
      }),
      bus,
      partOf('topology', { start: () => ensureTopology(bus, { log }) }),
      partOf('egress', { stop: () => egress.close() }),
      news,
      follower,
      ownership,
      executor,
      createNewsListener(bus, {
        keysChanged: keys.forget,
        shardsMoved: () => ownership.nudge(),
      }),
      sweep,
      cancel,
      upkeep,
      due,
    ],
    keys,
    ready: () => ownership.current() !== undefined,
  }
}
