// Calls in flight: each recorded start is called, its answer decided on, and its end handed to the finisher.
//
// Invariant: a call is made only within a second of its start's record, while this incarnation is trusted, and while its job is not held, where
// the socket is about to be written. So a pause or a disabling that this process has heard of lets no further call out: what was recorded
// before is given back unsent and costs no attempt. A call whose request is under way goes on, save that of a job that is deleted with its
// unfinished runs: its socket is closed and its run ends canceled.
// If the process dies in the middle, the attempt is lost and found by whoever takes over.

import type { Egress } from '@strait/egress/client'
import { type AttemptResult, afterAttempt, jobDeletedError } from '../domain/after-attempt.ts'
import type { DatabaseClock } from '../domain/database-clock.ts'
import type { JobConfig } from '../domain/job-config.ts'
import type { Events } from '../events.ts'
import { callEndpoint } from '../http/call-endpoint.ts'
import type { Started } from '../store/start-attempts.ts'
import { toEnd } from './ends.ts'
import type { Finisher } from './finisher.ts'
import type { Incarnation } from './incarnation.ts'

/** What calls are made with. */
export interface CallsDeps {
  readonly egress: Egress
  readonly finisher: Finisher
  readonly clock: DatabaseClock
  readonly events: Events
  readonly retryJitter: number
  /** Whether recorded starts of a job are still sent; what is not is given back. */
  readonly mayStillSend: (jobId: string) => boolean
  /** A call ended: there is room. */
  readonly onEnded: () => void
}

/** Calls in flight. */
export interface Calls {
  /** Calls a recorded start, once; `recordedAfter` is a monotonic time before its record. */
  launch(me: Incarnation, run: Started, config: JobConfig, recordedAfter: number): void
  has(runId: string, fence: number): boolean
  /** Closes the sockets of a job's calls; their runs end canceled. */
  cancelJob(jobId: string): void
  /** Resolves when those that are in flight now have ended. */
  ended(): Promise<unknown>
  readonly size: number
}

const sendWithinMs = 1_000

interface Call {
  readonly jobId: string
  readonly me: Incarnation
  readonly cut: AbortController
  canceled: boolean
  done: Promise<void>
}

/** No calls yet. */
export function createCalls(deps: CallsDeps): Calls {
  const { clock, events } = deps
  const calls = new Map<string, Call>()
  const watched = new WeakSet<Incarnation>()

  /** When an incarnation ends, so do its calls; one listener for all of them. */
  function watch(me: Incarnation): void {
    if (watched.has(me)) return
    watched.add(me)
    me.ended.addEventListener('abort', () => {
      for (const call of calls.values()) if (call.me === me) call.cut.abort()
    })
  }

  function launch(me: Incarnation, run: Started, config: JobConfig, recordedAfter: number): void {
    const key = callKey(run.runId, run.fence)
    if (calls.has(key)) return
    watch(me)
    const cut = new AbortController()
    if (me.ended.aborted) cut.abort()
    const call: Call = { jobId: run.jobId, me, cut, canceled: false, done: Promise.resolve() }
    // Known before it begins: from now on it is either cut off or was never sent.
    calls.set(key, call)
    call.done = attempt(call, run, config, recordedAfter)
      .catch((err: unknown) => events.runSetAside(run.runId, err))
      .finally(() => {
        calls.delete(key)
        deps.onEnded()
      })
  }

  async function attempt(call: Call, run: Started, config: JobConfig, recordedAfter: number): Promise<void> {
    const { me } = call
    // The recorded deadline has a second for the way to here; from here on the client's own deadline holds.
    const inTime = performance.now() - recordedAfter < sendWithinMs
    const answer = inTime
      ? await callEndpoint(deps.egress, {
          run,
          timeoutMs: config.timeoutSecs * 1_000,
          signal: call.cut.signal,
          mayStillSend: () => deps.mayStillSend(run.jobId) && me.trusted(),
        })
      : ({ kind: 'unsent' } as const)
    const result =
      answer ?? (call.canceled ? ({ kind: 'canceled', error: jobDeletedError } as const) : undefined)
    // The incarnation has ended: the attempt is somebody else's now.
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
    launch,
    has: (runId, fence) => calls.has(callKey(runId, fence)),
    cancelJob(jobId) {
      for (const call of calls.values()) {
        if (call.jobId !== jobId) continue
        call.canceled = true
        call.cut.abort()
      }
    },
    ended: () => Promise.all(Array.from(calls.values(), (call) => call.done)),
    get size() {
      return calls.size
    },
  }
}

function callKey(runId: string, fence: number): string {
  return `${runId} ${fence}`
}
