// The pump: what may start is taken from Admission, recorded in one batch, called, and its end handed to the finisher.
//
//   take ─▶ versions ─▶ startAttempts (one batch at a time) ─▶ call each ─▶ afterAttempt ─▶ finisher
//
// Invariant: a call is made only after its start was recorded, within a second of it, and while this incarnation is trusted where the socket is
// about to be written.
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
import { type Start, type Started, startAttempts } from '../store/start-attempts.ts'
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

/** A pump over one Admission. */
export function createExecutor(deps: ExecutorDeps): Executor {
  const { admission, events, clock } = deps
  const calls = new Map<string, Promise<void>>()
  const asideTimers = new Set<NodeJS.Timeout>()
  let starting: Promise<void> | undefined
  let pauses = 0
  let stopping = false
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
    const configs = new Map<string, JobConfig>()
    // Nearly always known already; misses are asked for together.
    const known = entries.map((entry) => deps.jobs.knownVersion(entry.jobId, entry.version) ?? look(entry))
    const starts: Start[] = []
    for (const [i, config] of (await Promise.all(known)).entries()) {
      const entry = entries[i]
      if (config === undefined || entry === undefined) continue
      configs.set(entry.runId, config)
      starts.push({
        runId: entry.runId,
        fence: entry.fence,
        timeoutMs: config.timeoutSecs * 1_000,
        version: config.version,
        versionId: config.versionId,
        endpointUrl: config.endpointUrl,
      })
    }
    await record(me, starts, configs, new Map(entries.map((entry) => [entry.runId, entry])))
  }

  /** A version that is not known yet; a run whose version cannot be had now comes again in a moment. */
  async function look(entry: Entry): Promise<JobConfig | undefined> {
    try {
      const config = await deps.jobs.version(entry.jobId, entry.version)
      if (config === undefined)
        setAside(entry, new Error(`version ${entry.version} of job ${entry.jobId} does not exist`))
      return config
    } catch (err) {
      if (!(err instanceof Refusal)) throw err
      setAside(entry, undefined)
      return undefined
    }
  }

  function setAside(entry: Entry, err: unknown): void {
    if (err !== undefined) events.runSetAside(entry.runId, err)
    const timer = setTimeout(
      () => {
        asideTimers.delete(timer)
        admission.offer(entry)
        pump()
      },
      err === undefined ? setAsideMs : 30 * setAsideMs,
    )
    asideTimers.add(timer)
  }

  /** Records a batch. While the commit's fate is unknown it is asked again: what was recorded is answered, the rest is recorded now. */
  async function record(
    me: Incarnation,
    starts: readonly Start[],
    configs: ReadonlyMap<string, JobConfig>,
    entries: ReadonlyMap<string, Entry>,
  ): Promise<void> {
    // Of the first asking: what that one recorded is as old as this.
    const recordedAfter = performance.now()
    for (let again = false; starts.length > 0 && !me.ended.aborted; again = true) {
      try {
        const started = await startAttempts(deps.db, me, starts, again)
        events.batchWritten('start_attempts', started.length)
        for (const run of started) launch(me, run, configs.get(run.runId) as JobConfig, recordedAfter)
        tellStarted(started)
        return
      } catch (err) {
        if (isRowFault(err) && starts.length > 1) {
          const half = starts.length >> 1
          await record(me, starts.slice(0, half), configs, entries)
          await record(me, starts.slice(half), configs, entries)
          return
        }
        const only = entries.get(starts[0]?.runId ?? '')
        if (isRowFault(err) && only !== undefined) return setAside(only, err)
        events.startFailed(err, starts.length)
        if (!isConnectionLost(err))
          for (const { runId } of starts) setAside(entries.get(runId) as Entry, undefined)
        if (!isConnectionLost(err)) return
        await new Promise((done) => setTimeout(done, 100))
      }
    }
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
    const key = `${run.runId} ${run.fence}`
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
    },
    async stop() {
      // From here on nothing is taken, and what was recorded but not sent yet is given back.
      stopping = true
      clearTimeout(alarm)
      for (const timer of asideTimers) clearTimeout(timer)
      asideTimers.clear()
      await starting
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((done) => {
        timer = setTimeout(done, deps.drainMs)
      })
      await Promise.race([Promise.all(calls.values()), late])
      clearTimeout(timer)
    },
  }
}
