// The pump: what may start is taken from Admission, recorded in one batch, called, and its end handed to the finisher.
//
//   take ─▶ versions ─▶ startAttempts (one batch at a time) ─▶ call each ─▶ afterAttempt ─▶ finisher
//
// Invariant: a call is made only after its start was recorded, within a second of it, and while this incarnation is trusted where the socket is
// about to be written.
// A start that is not answered is looked up a second later: it waits still, or it was recorded by a statement whose connection broke, and
// is given back unsent. So no run stays behind whatever was asked for and not heard.
// If the process dies after a recorded start, the attempt is lost and found by whoever takes over; nothing here is needed for that.

import type { Egress } from '@strait/egress/client'
import { isConnectionLost, isRowFault } from '@strait/postgres/is-connection-lost'
import type { Part } from '@strait/service-kit/part'
import { Refusal } from '@strait/service-kit/refusal'
import type { Admission } from '../domain/admission.ts'
import { type AttemptResult, afterAttempt } from '../domain/after-attempt.ts'
import type { DatabaseClock } from '../domain/database-clock.ts'
import type { Entry } from '../domain/entry.ts'
import type { JobConfig } from '../domain/job-config.ts'
import type { Events } from '../events.ts'
import { callEndpoint } from '../http/call-endpoint.ts'
import type { JobDirectory } from '../rpc/job-directory.ts'
import type { Db } from '../store/db.ts'
import {
  findOpenStarts,
  maxStartBytes,
  type Start,
  type Started,
  startAttempts,
} from '../store/start-attempts.ts'
import { createApart } from './apart.ts'
import { toEnd } from './ends.ts'
import type { Finisher } from './finisher.ts'
import type { Incarnation } from './incarnation.ts'

/** What the executor is made of. */
export interface ExecutorDeps {
  readonly db: Db
  readonly admission: Admission
  readonly jobs: JobDirectory
  readonly egress: Egress
  readonly finisher: Finisher
  readonly clock: DatabaseClock
  readonly events: Events
  readonly maxInFlight: number
  readonly drainMs: number
  readonly retryJitter: number
  readonly incarnation: () => Incarnation | undefined
  readonly onStarted: (projectId: string, runIds: readonly string[]) => void
  /** Little is left in memory and more is in Postgres. */
  readonly onRunningLow: () => void
}

/** The pump. */
export interface Executor extends Part {
  /** Something may have become startable. */
  pump(): void
  /** Waits for the start under way and lets no other begin until the answer is called. */
  pauseStarts(): Promise<() => void>
  readonly inFlight: number
}

const maxStarts = 500
const sendWithinMs = 1_000
const setAsideMs = 1_000
const maxApart = 5_000

/** A run that shall start, and how. */
interface Wanted {
  readonly entry: Entry
  readonly config: JobConfig
}

/** A pump over one Admission. */
export function createExecutor(deps: ExecutorDeps): Executor {
  const { admission, events, clock } = deps
  const calls = new Map<string, Promise<void>>()
  const offerAgain = (entry: Entry) => {
    admission.offer(entry)
    pump()
  }
  const apart = createApart(offerAgain, () => deps.incarnation()?.shards ?? new Set())
  let looking = 0
  const doubts = new Set<NodeJS.Timeout>()
  let starting: Promise<void> | undefined
  let pauses = 0
  let stopping = false
  let stopped = false
  let alarm: NodeJS.Timeout | undefined

  function pump(): void {
    const me = deps.incarnation()
    if (starting !== undefined || pauses > 0 || stopping || me === undefined || !me.trusted()) return
    const entries = admission.take(clock.nowMs(), Math.min(deps.maxInFlight - calls.size, maxStarts))
    if (admission.wantsPageAfter() !== undefined) deps.onRunningLow()
    if (entries.length === 0) {
      setAlarm()
      return
    }
    starting = start(me, entries).finally(() => {
      starting = undefined
      pump()
    })
  }

  function setAlarm(): void {
    clearTimeout(alarm)
    const dueAtMs = admission.nextDueAtMs()
    if (dueAtMs === undefined || calls.size >= deps.maxInFlight) return
    alarm = setTimeout(pump, Math.min(Math.max(1, dueAtMs - clock.nowMs()), 60_000))
  }

  async function start(me: Incarnation, entries: readonly Entry[]): Promise<void> {
    const wanted = new Map<string, Wanted>()
    const looks: Promise<void>[] = []
    for (const entry of entries) {
      const config = deps.jobs.knownVersion(entry.jobId, entry.version)
      if (config === undefined) looks.push(look(entry))
      else wanted.set(entry.runId, { entry, config })
    }
    await record(me, wanted)
    // What is known never waits for the catalog, unless too many already do.
    if (looking + apart.size > maxApart) await Promise.all(looks)
  }

  /** A version that is not known yet, of which nearly always are none; misses are asked for together, and their runs come again. */
  async function look(entry: Entry): Promise<void> {
    looking++
    try {
      const config = await deps.jobs.version(entry.jobId, entry.version)
      if (config !== undefined) apart.giveBack(entry)
      else setAside(entry, new Error(`version ${entry.version} of job ${entry.jobId} does not exist`))
    } catch (err) {
      setAside(entry, err instanceof Refusal ? undefined : err)
    } finally {
      looking--
    }
  }

  function setAside(entry: Entry, err: unknown): void {
    if (err !== undefined) events.runSetAside(entry.runId, err)
    if (!stopping) apart.keep(entry, err === undefined ? setAsideMs : 30 * setAsideMs)
  }

  /** Records a batch. While the commit's fate is unknown it is asked again: what was recorded is answered, the rest is recorded now. */
  async function record(me: Incarnation, wanted: ReadonlyMap<string, Wanted>): Promise<void> {
    // Of the first asking: what that one recorded is as old as this.
    const recordedAfter = performance.now()
    const all = [...wanted.values()]
    const starts = all.map(toStart)
    for (let again = false; starts.length > 0 && !me.ended.aborted && !stopped; again = true) {
      try {
        const started = await startAttempts(deps.db, me, starts, again)
        events.batchWritten('start_attempts', started.length)
        launchAll(me, started, wanted, recordedAfter)
        return
      } catch (err) {
        const only = all.length === 1 ? all[0]?.entry : undefined
        if (isRowFault(err) && only !== undefined) return setAside(only, err)
        if (isRowFault(err)) {
          const half = all.length >> 1
          await record(me, byRun(all.slice(0, half)))
          await record(me, byRun(all.slice(half)))
          return
        }
        events.startFailed(err, starts.length)
        if (!isConnectionLost(err)) {
          for (const { entry } of all) setAside(entry, undefined)
          return
        }
        await new Promise((done) => setTimeout(done, 100))
      }
    }
  }

  function launchAll(
    me: Incarnation,
    started: readonly Started[],
    wanted: ReadonlyMap<string, Wanted>,
    recordedAfter: number,
  ): void {
    const missing = new Map(wanted)
    for (const run of started) {
      const config = wanted.get(run.runId)?.config
      missing.delete(run.runId)
      if (config !== undefined) launch(me, run, config, recordedAfter)
    }
    // What did not fit goes on with the next batch; each starts one run at least.
    if (missing.size > 0 && isFull(started)) for (const { entry } of missing.values()) apart.giveBack(entry)
    else if (missing.size > 0) settleLater(me, missing)
    tellStarted(started)
  }

  function settleLater(me: Incarnation, missing: ReadonlyMap<string, Wanted>): void {
    if (stopping) return
    const timer = setTimeout(() => {
      doubts.delete(timer)
      settle(me, missing).catch((err: unknown) => {
        events.startFailed(err, missing.size)
        settleLater(me, missing)
      })
    }, setAsideMs)
    doubts.add(timer)
  }

  /** Finds out what became of starts that were not answered. */
  async function settle(me: Incarnation, missing: ReadonlyMap<string, Wanted>): Promise<void> {
    // Whoever took over has them now.
    if (me.ended.aborted) return
    const open = await findOpenStarts(deps.db, me, [...missing.values()].map(toStart))
    const isOpen = (state: 'waiting' | 'recorded') =>
      [...missing.values()].filter(({ entry }) => open.get(entry.runId) === state)
    const recorded = isOpen('recorded').filter(
      ({ entry }) => !calls.has(callKey(entry.runId, entry.fence + 2)),
    )
    if (recorded.length > 0) {
      const started = await startAttempts(deps.db, me, recorded.map(toStart), true)
      // When they were recorded is not known: too long ago to be sent.
      for (const run of started)
        launch(me, run, missing.get(run.runId)?.config as JobConfig, Number.NEGATIVE_INFINITY)
    }
    for (const { entry } of isOpen('waiting')) apart.giveBack(entry)
  }

  function tellStarted(started: readonly Started[]): void {
    const byProject = Map.groupBy(started, (run) => run.projectId)
    for (const [projectId, runs] of byProject)
      deps.onStarted(
        projectId,
        runs.map((run) => run.runId),
      )
  }

  function launch(me: Incarnation, run: Started, config: JobConfig, recordedAfter: number): void {
    const key = callKey(run.runId, run.fence)
    if (calls.has(key)) return
    const call = attempt(me, run, config, recordedAfter).catch((err: unknown) =>
      events.runSetAside(run.runId, err),
    )
    calls.set(key, call)
    void call.finally(() => {
      calls.delete(key)
      pump()
    })
  }

  async function attempt(
    me: Incarnation,
    run: Started,
    config: JobConfig,
    recordedAfter: number,
  ): Promise<void> {
    // The recorded deadline has a second for the way to here; from here on the client's own deadline holds.
    const inTime = performance.now() - recordedAfter < sendWithinMs
    const result = inTime
      ? await callEndpoint(deps.egress, {
          run,
          timeoutMs: config.timeoutSecs * 1_000,
          signal: me.ended,
          mayStillSend: () => !stopping && me.trusted(),
        })
      : ({ kind: 'unsent' } as const)
    // Aborted by ourselves: the attempt is somebody else's now.
    if (result === undefined) return
    try {
      await end(me, run, config, result)
    } catch (err) {
      events.resultNotStorable(run.runId, err)
      await end(me, run, config, {
        kind: 'failed',
        error: { class: 'internal', message: 'the answer could not be stored' },
      })
    }
  }

  function end(me: Incarnation, run: Started, config: JobConfig, result: AttemptResult): Promise<void> {
    const nowMs = clock.nowMs()
    const attempted = {
      attempt: run.attempt,
      losses: run.losses,
      maxAttempts: config.maxAttempts,
      retry: config.retry,
    }
    const next = afterAttempt(attempted, result, nowMs, Math.random(), deps.retryJitter)
    return deps.finisher.finish(me, toEnd(run, me.execId, result, next, nowMs, config.webhookUrl))
  }

  return {
    name: 'executor',
    pump,
    get inFlight() {
      return calls.size
    },
    async pauseStarts() {
      pauses++
      await starting
      return () => {
        pauses--
        pump()
      }
    },
    async start() {
      stopping = false
      stopped = false
    },
    async stop() {
      // From here on nothing is taken, and what was recorded but not sent yet is given back.
      stopping = true
      clearTimeout(alarm)
      apart.clear()
      for (const timer of doubts) clearTimeout(timer)
      doubts.clear()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((done) => {
        timer = setTimeout(done, deps.drainMs)
      })
      const drained = Promise.resolve(starting).then(() => Promise.all(calls.values()))
      await Promise.race([drained, late])
      clearTimeout(timer)
      // A start that is not answered by now is not asked for any more: if it was recorded, it is a lost attempt.
      stopped = true
    },
  }
}

function toStart({ entry, config }: Wanted): Start {
  return {
    runId: entry.runId,
    fence: entry.fence,
    timeoutMs: config.timeoutSecs * 1_000,
    version: config.version,
    versionId: config.versionId,
    endpointUrl: config.endpointUrl,
  }
}

function isFull(started: readonly Started[]): boolean {
  let bytes = 0
  for (const run of started) bytes += Buffer.byteLength(run.payload) + Buffer.byteLength(run.metadata)
  return bytes >= maxStartBytes
}

function byRun(all: readonly Wanted[]): ReadonlyMap<string, Wanted> {
  return new Map(all.map((each) => [each.entry.runId, each]))
}

function callKey(runId: string, fence: number): string {
  return `${runId} ${fence}`
}
