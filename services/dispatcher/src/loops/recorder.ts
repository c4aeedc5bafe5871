// Records starts, a batch in one statement, and sees to it that none stays behind whatever was asked for and not heard:
//   the commit's fate is unknown → asked again: what was recorded is answered, the rest is recorded now
//   a start is not answered → looked up a second later: it waits still, and is offered again, or it was recorded by a statement whose
//   connection broke, and is given back unsent
//   a row cannot be started → the batch is halved until it stands alone, and it is set aside

import { isConnectionLost, isRowFault } from '@strait/postgres/is-connection-lost'
import type { Entry } from '../domain/entry.ts'
import type { JobConfig } from '../domain/job-config.ts'
import type { Events } from '../events.ts'
import type { Db } from '../store/db.ts'
import {
  findOpenStarts,
  maxStartBytes,
  type Start,
  type Started,
  startAttempts,
} from '../store/start-attempts.ts'
import type { Calls } from './calls.ts'
import type { Incarnation } from './incarnation.ts'

/** A run that shall start, and how. */
export interface Wanted {
  readonly entry: Entry
  readonly config: JobConfig
}

/** What recording needs. */
export interface RecorderDeps {
  readonly db: Db
  readonly events: Events
  readonly calls: Calls
  /** Offers a run again now. */
  readonly giveBack: (entry: Entry) => void
  /** Offers a run again after a while; with an error, a longer one. */
  readonly setAside: (entry: Entry, err: unknown) => void
  readonly onStarted: (projectId: string, runIds: readonly string[]) => void
}

/** Records starts and has them called. */
export interface Recorder {
  record(me: Incarnation, wanted: ReadonlyMap<string, Wanted>): Promise<void>
  /** Looks nothing up any more. */
  stopLooking(): void
  /** Asks for nothing any more: what was recorded and not answered by now is a lost attempt. */
  stop(): void
}

const settleAfterMs = 1_000
const askAgainMs = 100

/** A recorder over the connection that starts have. */
export function createRecorder(deps: RecorderDeps): Recorder {
  const { calls, events, giveBack, setAside } = deps
  const doubts = new Set<NodeJS.Timeout>()
  let looks = true
  let stopped = false

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
        await new Promise((done) => setTimeout(done, askAgainMs))
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
      if (config !== undefined) calls.launch(me, run, config, recordedAfter)
    }
    // What did not fit goes on with the next batch; each starts one run at least.
    if (missing.size > 0 && isFull(started)) for (const { entry } of missing.values()) giveBack(entry)
    else if (missing.size > 0) settleLater(me, missing)
    tellStarted(started)
  }

  function settleLater(me: Incarnation, missing: ReadonlyMap<string, Wanted>): void {
    if (!looks) return
    const timer = setTimeout(() => {
      doubts.delete(timer)
      settle(me, missing).catch((err: unknown) => {
        events.startFailed(err, missing.size)
        settleLater(me, missing)
      })
    }, settleAfterMs)
    doubts.add(timer)
  }

  /** Finds out what became of starts that were not answered. */
  async function settle(me: Incarnation, missing: ReadonlyMap<string, Wanted>): Promise<void> {
    // Whoever took over has them now.
    if (me.ended.aborted) return
    const open = await findOpenStarts(deps.db, me, [...missing.values()].map(toStart))
    const isOpen = (state: 'waiting' | 'recorded') =>
      [...missing.values()].filter(({ entry }) => open.get(entry.runId) === state)
    const recorded = isOpen('recorded').filter(({ entry }) => !calls.has(entry.runId, entry.fence + 2))
    if (recorded.length > 0) {
      const started = await startAttempts(deps.db, me, recorded.map(toStart), true)
      // When they were recorded is not known: too long ago to be sent.
      for (const run of started)
        calls.launch(me, run, missing.get(run.runId)?.config as JobConfig, Number.NEGATIVE_INFINITY)
    }
    for (const { entry } of isOpen('waiting')) giveBack(entry)
  }

  function tellStarted(started: readonly Started[]): void {
    const byProject = Map.groupBy(started, (run) => run.projectId)
    for (const [projectId, runs] of byProject)
      deps.onStarted(
        projectId,
        runs.map((run) => run.runId),
      )
  }

  return {
    record,
    stopLooking() {
      looks = false
      for (const timer of doubts) clearTimeout(timer)
      doubts.clear()
    },
    stop() {
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
  for (const run of started)
    bytes += Buffer.byteLength(run.payload) + Buffer.byteLength(run.metadata) + Buffer.byteLength(run.tags)
  return bytes >= maxStartBytes
}

function byRun(all: readonly Wanted[]): ReadonlyMap<string, Wanted> {
  return new Map(all.map((each) => [each.entry.runId, each]))
}
