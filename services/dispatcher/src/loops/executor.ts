// The pump: what may start is taken from Admission, recorded in one batch, called, and its end handed to the finisher.
//
//   take ─▶ versions ─▶ startAttempts (one batch at a time) ─▶ call each ─▶ afterAttempt ─▶ finisher
//
// If the process dies after a recorded start, the attempt is lost and found by whoever takes over; nothing here is needed for that.

import type { Part } from '@strait/service-kit/part'
import { Refusal } from '@strait/service-kit/refusal'
import type { Admission } from '../domain/admission.ts'
import type { Entry } from '../domain/entry.ts'
import type { Db } from '../store/db.ts'
import type { LiveJobs } from '../wire/live-jobs.ts'
import { createApart } from './apart.ts'
import { type CallsDeps, createCalls } from './calls.ts'
import type { Incarnation } from './incarnation.ts'
import { createRecorder, type Wanted } from './recorder.ts'

/** What the executor is made of. */
export interface ExecutorDeps extends Omit<CallsDeps, 'mayStillSend' | 'onEnded'> {
  readonly db: Db
  readonly admission: Admission
  readonly jobs: LiveJobs
  readonly maxInFlight: number
  readonly drainMs: number
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
  /** A job was deleted with its unfinished runs: its calls in flight end now. */
  cancelJob(jobId: string): void
}

const maxStarts = 500
const setAsideMs = 1_000
const maxApart = 5_000

/** A pump over one Admission. */
export function createExecutor(deps: ExecutorDeps): Executor {
  const { admission, events, clock } = deps
  const offerAgain = (entry: Entry) => {
    admission.offer(entry)
    pump()
  }
  const apart = createApart(offerAgain, () => deps.incarnation()?.shards ?? new Set())
  const calls = createCalls({
    ...deps,
    mayStillSend: (jobId) => !stopping && !deps.jobs.isHeld(jobId),
    onEnded: () => pump(),
  })
  const newRecorder = () => createRecorder({ ...deps, calls, giveBack: apart.giveBack, setAside })
  let recorder = newRecorder()
  let looking = 0
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
    const wanted = new Map<string, Wanted>()
    const looks: Promise<void>[] = []
    for (const entry of entries) {
      const config = deps.jobs.knownVersion(entry.jobId, entry.version)
      if (config === undefined) looks.push(look(entry))
      else wanted.set(entry.runId, { entry, config })
    }
    await recorder.record(me, wanted)
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

  return {
    name: 'executor',
    pump,
    cancelJob: calls.cancelJob,
    async pauseStarts() {
      pauses++
      await starting
      return () => {
        pauses--
        pump()
      }
    },
    async start() {
      if (stopping) recorder = newRecorder()
      stopping = false
    },
    async stop() {
      // From here on nothing is taken, and what was recorded but not sent yet is given back.
      stopping = true
      clearTimeout(alarm)
      apart.clear()
      recorder.stopLooking()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((done) => {
        timer = setTimeout(done, deps.drainMs)
      })
      const drained = Promise.resolve(starting).then(() => calls.ended())
      await Promise.race([drained, late])
      clearTimeout(timer)
      recorder.stop()
    },
  }
}
