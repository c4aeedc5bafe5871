// RunService.WatchRun. The stream sends what the record shows and waits for news of it; news may get lost, the record does not, so
// it is read again every second anyway. A replica that dies takes the stream with it: the client comes back with the last seq.

import type { WatchRunRequest } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { isTerminal } from '@strait/domain/run-state'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { RunNews } from '../consumers/run-news.ts'
import { runHistory } from '../domain/run-history.ts'
import type { Db } from '../store/db.ts'
import { toEventMessage, toRunMessage } from './run-codec.ts'
import { requireRun } from './run-ref.ts'

const lookAgainMs = 1_000

/** Sends each step of a run's life as it happens, and ends after the terminal one. */
export function watchRun(db: Db, news: RunNews) {
  return async function* (request: WatchRunRequest, call: Call) {
    if (request.afterSeq < 0)
      throw refuseFields('FIELD_INVALID', [{ field: 'after_seq', description: 'must not be negative' }])
    let seq = request.afterSeq
    const bell = createBell(call.signal)
    const unwatch = news.watch(call.caller.projectId, request.run.toLowerCase(), bell.ring)
    try {
      while (!call.signal.aborted) {
        const rung = bell.next(lookAgainMs)
        const { run, attempts } = await requireRun(db, call.caller.projectId, request.run)
        const steps = runHistory(run, attempts)
        for (const step of steps.slice(seq)) {
          const over = isTerminal(step.status)
          yield { event: toEventMessage(step), run: over ? toRunMessage(run) : undefined }
          seq = step.seq
        }
        if (isTerminal(run.status)) return
        await rung
      }
    } finally {
      unwatch()
      bell.close()
    }
  }
}

/** Something to wait on: the next ring after `next` was called, a time, or the end of the call. */
function createBell(signal: AbortSignal) {
  let waiting: (() => void) | undefined
  const ring = () => waiting?.()
  signal.addEventListener('abort', ring)
  return {
    ring,
    close: () => signal.removeEventListener('abort', ring),
    next: (ms: number) =>
      new Promise<void>((done) => {
        const timer = setTimeout(() => waiting?.(), ms)
        waiting = () => {
          clearTimeout(timer)
          waiting = undefined
          done()
        }
        if (signal.aborted) waiting()
      }),
  }
}
