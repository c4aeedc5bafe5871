// Whatever somebody sends, to any public method and through any door: it is answered or refused, never a fault of ours; what is refused
// or only asked has written nothing; and what was given in confidence comes out nowhere.
//
// Requests are made from the schema, so that a new method or field is asked without anybody's thinking of it. Chance is seeded: a finding
// is had again by its seed. A campaign is `STRAIT_FUZZ_CALLS=50000 STRAIT_FUZZ_SEED=7`.

import type { DescMethod } from '@bufbuild/protobuf'
import { ownerOf, publicServices } from '@strait/contracts/public-services'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { bootstrapDeployment } from '../src/bootstrap-deployment.ts'
import { type Came, callThrough } from './fuzz-doors.ts'
import { createHarvest } from './fuzz-harvest.ts'
import { type Chance, chanceOf } from './fuzz-random.ts'
import { aRequest } from './fuzz-requests.ts'
import { canary } from './fuzz-values.ts'
import { aStore, startCatalog } from './spawned-catalog.ts'
import { standInDispatcher } from './stand-in-dispatcher.ts'
import type { StoreBundle } from './store-bundle.ts'

const calls = Number(process.env.STRAIT_FUZZ_CALLS ?? 400)
const seed = Number(process.env.STRAIT_FUZZ_SEED ?? 1)

const methods = publicServices
  .filter((service) => ownerOf(service) === 'catalog')
  .flatMap((service) => service.methods.filter(({ methodKind }) => methodKind === 'unary'))

const readsOnly = ({ idempotency }: DescMethod) => idempotency === 1
// Each item of a batch is a call of its own.
const isBatch = ({ name }: DescMethod) => name.startsWith('Batch')

/** What every change of anything leaves behind. */
async function written({ db }: StoreBundle): Promise<string> {
  const { rows } = await sql<{ state: string }>`
    select concat_ws(' ',
      (select count(*) from audit_events),
      (select count(*) || ':' || count(paused_at) || ':' || count(deleted_at) || ':' || sum(version) from jobs),
      (select count(*) from job_versions),
      (select count(*) || ':' || count(deleted_at) || ':' || sum(version) from workflows),
      (select count(*) from workflow_versions),
      (select count(*) || ':' || sum(revision) from job_groups),
      (select count(*) || ':' || sum(revision) from environments),
      (select count(*) || ':' || sum(revision) from projects),
      (select count(*) || ':' || sum(revision) from api_keys),
      (select coalesce(md5(string_agg(md5(webhook_secret), '' order by job_id)), '') from job_secrets)
    ) as state
  `.execute(db)
  return rows[0]?.state ?? ''
}

/** What is wrong with an answer; undefined for nothing. */
function faultOf({ status, text }: Came): string | undefined {
  if (/"?\bINTERNAL\b|"internal"/.test(text)) return 'a fault of ours'
  if (status >= 500 && !/UNAVAILABLE|OVERLOADED/.test(text)) return 'a fault of ours by its status'
  if (text.includes(canary)) return 'what was given in confidence'
  return undefined
}

test(
  `no call is answered with a fault, tells a secret or writes what it refuses (seed ${seed})`,
  async () => {
    const dispatcher = await standInDispatcher(async () => ({ waiting: 0n, executing: 0n }))
    onTestFinished(() => dispatcher[Symbol.asyncDispose]())
    const store = await aStore()
    const env = {
      STRAIT_DISPATCHER_URL: dispatcher.url,
      STRAIT_LOG_LEVEL: 'error',
      STRAIT_ENV: 'development',
    }
    const { catalog, baseUrl } = await startCatalog(store, env)
    const { database, masterKey, projectId } = store
    const other = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'neighbour' })
    const { apiKey: operator } = await bootstrapDeployment({ databaseUrl: database.url, masterKey })

    const chance = chanceOf(seed)
    const ours = [store.apiKey, other.apiKey, operator].map((key) => key.split('_')[1] ?? '')
    const harvest = createHarvest(chance, new Set(ours))
    for (const id of [projectId, other.projectId]) harvest.keep('project', id)
    const faults: unknown[] = []
    const answered = new Set<string>()
    for (let nth = 0; nth < calls; nth++) {
      const method = chance.odds(0.3) ? chance.any(methods.filter(makes)) : chance.any(methods)
      const request = aRequest(chance, method, harvest.known, chance.any([0, 0, 0, 0, 1, 1, 1, 2, 3]))
      const door = chance.any(['json', 'json', 'binary', 'rest'] as const)
      const key = keyFor(chance, method, { own: store.apiKey, other: other.apiKey, operator })
      const before = await written(store)
      const came = await callThrough(door, { baseUrl, key }, method, request)
      const after = await written(store)
      const isNews = before !== after
      const mayWrite = came.status < 300 && !readsOnly(method) && request.validateOnly !== true
      const fault =
        faultOf(came) ??
        (isNews && !mayWrite && !isBatch(method) ? 'a write by what was refused or only asked' : undefined) ??
        (isNews && before.split(' ')[0] === after.split(' ')[0]
          ? 'a change that is not in the audit log'
          : undefined)
      if (fault !== undefined)
        faults.push({ nth, fault, door, method: method.name, request: shown(request), came: shown(came) })
      if (came.status < 300) {
        answered.add(method.name)
        harvest.gather(method, came.text)
      }
    }
    expect(faults).toEqual([])
    expect(catalog.output()).not.toContain('our own fault')
    // Requests that never get anywhere would find nothing.
    const least = calls >= 5_000 ? methods.length : Math.min(methods.length / 2, calls / 20)
    expect(answered.size).toBeGreaterThanOrEqual(least)
    await requireWholeHistories(store)
    expect(await catalog.stop()).toBe(0)
  },
  30_000 + calls * 100,
)

const makes = ({ name }: DescMethod) => /^(?:Create|Update|Set|Batch|Rollback)/.test(name)

function keyFor(
  chance: Chance,
  { parent }: DescMethod,
  { own, other, operator }: Readonly<Record<'own' | 'other' | 'operator', string>>,
): string {
  if (parent.name === 'ProjectService') return chance.any([own, operator, operator, other])
  return chance.odds(0.9) ? own : chance.any([other, operator])
}

function shown(what: unknown): string {
  return JSON.stringify(what).slice(0, 1_500)
}

/** Versions follow each other without a gap, and each has its entry in the audit log. */
async function requireWholeHistories({ db }: StoreBundle): Promise<void> {
  const { rows } = await sql`
    select j.id, j.version, count(v.version)::int4 as versions,
      (select count(*)::int4 from audit_events as a
       where a.resource_id = j.id::text and a.action not in ('job.paused', 'job.resumed', 'job.deleted')) as entries
    from jobs as j join job_versions as v on v.job_id = j.id
    group by j.id, j.version
    having count(v.version) <> j.version or max(v.version) <> j.version or
      (select count(*) from audit_events as a
       where a.resource_id = j.id::text and a.action not in ('job.paused', 'job.resumed', 'job.deleted')) <> j.version
  `.execute(db)
  expect(rows).toEqual([])
}
