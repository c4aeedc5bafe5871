import { create } from '@bufbuild/protobuf'
import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect'
import { metrics } from '@opentelemetry/api'
import { noEvents } from '@strait/catalog-follower/follower-events'
import { createVersions } from '@strait/catalog-follower/versions'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { createLog } from '@strait/service-kit/log'
import { expect, test } from 'vitest'
import { createDatabaseClock } from '../src/domain/database-clock.ts'
import { createEvents } from '../src/events.ts'
import { createFinisher } from '../src/loops/finisher.ts'
import { createIncarnation } from '../src/loops/incarnation.ts'
import { recordLost } from '../src/loops/lost.ts'
import { giveUpShards, takeOver } from '../src/store/dispatchers.ts'
import { insertRuns } from '../src/store/insert-runs.ts'
import { startAttempts } from '../src/store/start-attempts.ts'
import { toJobConfig } from '../src/wire/job-codec.ts'
import { aNewRun, aStart, jobId, type StoreBundle, setup, shard } from './store-bundle.ts'

const otherJobId = '01890000-0000-7000-8000-00000000000b'

/** What recording losses needs, over a catalog that answers for one job and is out of reach for every other. */
function lostDeps(bundle: StoreBundle) {
  const transport = createRouterTransport(({ service }) => {
    service(CatalogInternalService, {
      getJobVersions({ refs }) {
        if (refs.some((ref) => ref.jobId !== jobId)) throw new ConnectError('away', Code.Unavailable)
        return { versions: refs.map((ref) => ({ job: aJob(ref.jobId, ref.version) })) }
      },
    })
  })
  const events = createEvents(metrics.getMeter('test'), createLog('test', 'silent'))
  const ignore = () => undefined
  const finisher = createFinisher({
    db: bundle.hot,
    events,
    publishNews: ignore,
    onChanged: ignore,
    offer: ignore,
  })
  const catalog = createClient(CatalogInternalService, transport)
  const versions = createVersions({ catalog, events: noEvents, maxVersions: 10, maxVersionBytes: 100_000 })
  const jobs = {
    async version(id: string, version: number) {
      const job = await versions.get(id, version)
      return job === undefined ? undefined : toJobConfig(job)
    },
  }
  return { db: bundle.db, jobs, finisher, clock: createDatabaseClock(Date.now), events }
}

function aJob(id: string, version: number) {
  return create(JobSchema, {
    id,
    projectId: '01890000-0000-7000-8000-000000000001',
    slug: 'job',
    version,
    versionId: 'ver_0000000001',
    maxAttempts: 3,
  })
}

/** Runs that a dispatcher started which is dead now. */
async function leaveAttempts(bundle: StoreBundle, jobIds: readonly string[]): Promise<void> {
  const runs = jobIds.map((id) => aNewRun({ jobId: id }))
  await insertRuns(bundle.db, runs, undefined)
  const dead = await bundle.living()
  await startAttempts(
    bundle.hot,
    { execId: dead, generation: 1 },
    runs.map((run) => aStart(run)),
  )
  await bundle.db.query(
    `update dispatchers set lease_until = clock_timestamp() - interval '1 ms' where exec_id = $1`,
    [dead],
  )
  await takeOver(bundle.db, dead)
}

test('lost attempts that could not be recorded, because shards were given up at that moment, are not taken for recorded', async () => {
  await using bundle = await setup()
  await leaveAttempts(bundle, [jobId, jobId])
  const deps = lostDeps(bundle)
  const me = createIncarnation(await bundle.living(), 60_000, performance.now())
  // Committed, and the answer is on its way.
  const generation = await giveUpShards(bundle.db, me.execId, [(shard + 1) % 64])
  expect(await recordLost(deps, me, [shard])).toBe(false)
  expect(await bundle.count('queue', "status = 'executing'")).toBe(2)
  me.generation = generation ?? 0
  expect(await recordLost(deps, me, [shard])).toBe(true)
  expect(await bundle.count('queue', "status = 'ready' and losses = 1")).toBe(2)
})

test('a lost attempt of a job that cannot be looked up now does not keep back the others', async () => {
  await using bundle = await setup()
  const deps = lostDeps(bundle)
  await deps.jobs.version(jobId, 1)
  await leaveAttempts(bundle, [otherJobId, jobId, otherJobId, jobId])
  const me = createIncarnation(await bundle.living(), 60_000, performance.now())
  await expect(recordLost(deps, me, [shard])).rejects.toThrow()
  expect(await bundle.count('queue', `status = 'ready' and job_id = '${jobId}'`)).toBe(2)
  expect(await bundle.count('queue', `status = 'executing' and job_id = '${otherJobId}'`)).toBe(2)
})
