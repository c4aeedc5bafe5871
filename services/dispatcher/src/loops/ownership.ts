// Who this process is to the others, and which shards are its own. One pass: renew, free the shards of the dead, take or give up
// shards until every living dispatcher has its fair share, and record the attempts that died with their dispatcher.
//
//   taken over while away (renewal changes no row) → abort every call, boot a new incarnation
//   somebody's lease lapsed → take over (waits for its starts under way), commit, and only then look for its attempts
//   too many shards → no start under way, forget their runs, give them up under a new generation
//
// If the process dies between the steps, the next pass of anybody does what is left: every step stands for itself.

import { newUuidv7 } from '@strait/domain/ids'
import { SHARDS } from '@strait/domain/shard'
import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import type { Admission } from '../domain/admission.ts'
import type { DatabaseClock } from '../domain/database-clock.ts'
import { fairShare } from '../domain/fair-share.ts'
import type { Events } from '../events.ts'
import type { Pool } from '../store/db.ts'
import {
  claimShards,
  giveUpShards,
  insertDispatcher,
  listDispatchers,
  listShards,
  renewLease,
  retireDispatcher,
  takeOver,
} from '../store/dispatchers.ts'
import type { Executor } from './executor.ts'
import { createIncarnation, type Incarnation } from './incarnation.ts'

/** What the ownership loop is made of. */
export interface OwnershipDeps {
  /** A pool of its own: a renewal never waits behind other work. */
  readonly pool: Pool
  readonly leaseMs: number
  readonly admission: Admission
  readonly clock: DatabaseClock
  readonly executor: Executor
  readonly events: Events
  readonly log: Log
  /** The own shards changed. */
  readonly onShards: (shards: ReadonlySet<number>) => void
  /** Others may want to look at the shards now. */
  readonly announce: (shards: readonly number[]) => void
  /** Records the lost attempts in shards; false, or a rejection, when that is not possible now. */
  readonly recordLost: (me: Incarnation, shards: readonly number[]) => Promise<boolean>
}

/** The ownership loop, and who this process is at the moment. */
export function createOwnership(
  deps: OwnershipDeps,
): Part & { current(): Incarnation | undefined; nudge(): void } {
  const { pool, leaseMs, admission, events } = deps
  let me: Incarnation | undefined
  /** Shards whose lost attempts have not been recorded since they were gained or somebody died. */
  let unchecked = new Set<number>()
  let known = new Set<string>()
  let retired = false

  async function boot(): Promise<Incarnation> {
    const execId = newUuidv7()
    const askedAt = performance.now()
    await insertDispatcher(pool, execId, leaseMs)
    events.incarnationBooted(execId)
    me = createIncarnation(execId, leaseMs, askedAt)
    await syncClock(me)
    return me
  }

  /** Renews the lease; false when this incarnation was taken over. */
  async function syncClock(current: Incarnation): Promise<boolean> {
    const askedAt = performance.now()
    const asked = Date.now()
    const now = await renewLease(pool, current.execId, leaseMs)
    if (now === undefined) return false
    deps.clock.set(now.getTime(), asked, Date.now())
    current.renewed(askedAt)
    return true
  }

  function takenOver(current: Incarnation): void {
    events.incarnationTakenOver(current.execId)
    const lost = [...current.shards]
    current.end()
    // Whoever still has this incarnation at hand, a sweep under way for one, finds nothing of its own any more.
    current.shards.clear()
    admission.forget(new Set(lost))
    me = undefined
    deps.onShards(new Set())
  }

  async function runOnce(): Promise<void> {
    if (retired) return
    if (me !== undefined && !(await syncClock(me))) takenOver(me)
    const current = me ?? (await boot())
    const dispatchers = await listDispatchers(pool)
    for (const { execId, state } of dispatchers) {
      if (state === 'lapsed' && execId !== current.execId && (await takeOver(pool, execId))) {
        events.tookOver(execId)
        deps.announce([])
      }
    }
    const dead = await listDispatchers(pool)
    const newlyDead = dead.filter((d) => d.state === 'dead' && !known.has(d.execId))
    known = new Set(dead.filter((d) => d.state === 'dead').map((d) => d.execId))
    if (newlyDead.length > 0) unchecked = new Set(current.shards)
    await share(
      current,
      dead.filter((d) => d.state === 'living').map((d) => d.execId),
    )
    if (unchecked.size > 0) lost.nudge()
    deps.executor.pump()
  }

  async function share(current: Incarnation, living: readonly string[]): Promise<void> {
    const owners = await listShards(pool)
    // Claimed by a statement whose answer got lost: the table says whose they are.
    await gain(
      current,
      owners.flatMap(({ shard, owner }) =>
        owner === current.execId && !current.shards.has(shard) ? [shard] : [],
      ),
    )
    const counts = new Map(living.map((execId) => [execId, 0]))
    for (const { owner } of owners)
      if (owner !== null && counts.has(owner)) counts.set(owner, (counts.get(owner) ?? 0) + 1)
    const move = fairShare(SHARDS, counts, current.execId)
    if (move.giveUp > 0) await giveUp(current, [...current.shards].slice(0, move.giveUp))
    if (move.claim > 0 && owners.some(({ owner }) => owner === null))
      await gain(current, await claimShards(pool, current.execId, move.claim))
  }

  async function gain(current: Incarnation, gained: readonly number[]): Promise<void> {
    if (gained.length === 0) return
    for (const shard of gained) {
      current.shards.add(shard)
      unchecked.add(shard)
    }
    admission.expectBacklog()
    events.shardsMoved(gained, [])
    deps.onShards(current.shards)
  }

  async function giveUp(current: Incarnation, shards: readonly number[]): Promise<void> {
    const resume = await deps.executor.pauseStarts()
    try {
      admission.forget(new Set(shards))
      for (const shard of shards) current.shards.delete(shard)
      const generation = await giveUpShards(pool, current.execId, shards)
      if (generation === undefined) return takenOver(current)
      current.generation = generation
      events.shardsMoved([], shards)
      deps.onShards(current.shards)
      deps.announce(shards)
    } catch (err) {
      // Whether they were given up is not known: a new incarnation starts from what the table says.
      takenOver(current)
      throw err
    } finally {
      resume()
    }
  }

  /** Apart from the passes: it asks the catalog, and a renewal never waits for that. */
  async function recordLost(): Promise<void> {
    const current = me
    if (current === undefined || unchecked.size === 0) return
    const checking = unchecked
    unchecked = new Set()
    let complete = false
    try {
      complete = await deps.recordLost(
        current,
        [...checking].filter((shard) => current.shards.has(shard)),
      )
    } finally {
      if (!complete) for (const shard of checking) unchecked.add(shard)
    }
  }

  const lost = createLoop({
    name: 'lost-attempts',
    intervalMs: leaseMs / 4,
    runOnce: recordLost,
    log: deps.log,
  })
  const loop = createLoop({ name: 'ownership', intervalMs: leaseMs / 4, runOnce, log: deps.log })
  return {
    name: loop.name,
    nudge: loop.nudge,
    current: () => me,
    async start() {
      retired = false
      await loop.start()
      await lost.start()
    },
    async stop() {
      await lost.stop()
      await loop.stop()
      retired = true
      const current = me
      me = undefined
      if (current === undefined) return
      const shards = [...current.shards]
      // Without Postgres the lease simply runs out.
      await retireDispatcher(pool, current.execId).then(
        () => deps.announce(shards),
        (err: unknown) => deps.log.warn({ err }, 'could not hand the shards over, their lease will run out'),
      )
      current.end()
    },
  }
}
