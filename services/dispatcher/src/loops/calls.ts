// Calls in flight: each recorded start is called, its answer decided on, and its end handed to the finisher.
//
// Invariant: a call is made only within a second of its start's record, and while this incarnation is trusted where the socket is about to be
// written. If the process dies in the middle, the attempt is lost and found by whoever takes over.

import type { Egress } from '@strait/egress/client'
import { type AttemptResult, afterAttempt } from '../domain/after-attempt.ts'
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
  /** Whether recorded starts are still sent; what is not is given back. */
  readonly mayStillSend: () => boolean
  /** A call ended: there is room. */
  readonly onEnded: () => void
}

/** Calls in flight. */
export interface Calls {
  /** Calls a recorded start, once; `recordedAfter` is a monotonic time before its record. */
  launch(me: Incarnation, run: Started, config: JobConfig, recordedAfter: number): void
  has(runId: string, fence: number): boolean
  /** Resolves when those that are in flight now have ended. */
  ended(): Promise<unknown>
  readonly size: number
}

const sendWithinMs = 1_000

/** No calls yet. */
export function createCalls(deps: CallsDeps): Calls {
  const { clock, events } = deps
  const calls = new Map<string, Promise<void>>()

  function launch(me: Incarnation, run: Started, config: JobConfig, recordedAfter: number): void {
    const key = callKey(run.runId, run.fence)
    if (calls.has(key)) return
    const call = attempt(me, run, config, recordedAfter).catch((err: unknown) =>
      events.runSetAside(run.runId, err),
    )
    calls.set(key, call)
    void call.finally(() => {
      calls.delete(key)
      deps.onEnded()
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
          mayStillSend: () => deps.mayStillSend() && me.trusted(),
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
    launch,
    has: (runId, fence) => calls.has(callKey(runId, fence)),
    ended: () => Promise.all(calls.values()),
    get size() {
      return calls.size
    },
  }
}

function callKey(runId: string, fence: number): string {
  return `${runId} ${fence}`
}
