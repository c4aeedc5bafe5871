import type { Client } from '@connectrpc/connect'
import type { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { Refusal } from '@strait/service-kit/refusal'

/** How many runs of a job are unfinished; refused with UNAVAILABLE when the dispatcher cannot be asked. */
export type CountUnfinishedRuns = (jobId: string, signal: AbortSignal) => Promise<number>

/** Asks the dispatcher. */
export function createCountUnfinishedRuns(
  dispatcher: Pick<Client<typeof DispatcherInternalService>, 'countRuns'>,
): CountUnfinishedRuns {
  return async (jobId, signal) => {
    const { counts } = await dispatcher.countRuns({ jobIds: [jobId] }, { signal }).catch((cause: unknown) => {
      throw cannotAsk(cause)
    })
    const [count] = counts
    // To take silence for none would delete a job under its runs.
    if (count === undefined) throw cannotAsk(new Error('the dispatcher answered without a count'))
    return Number(count.waiting + count.executing)
  }
}

function cannotAsk(cause: unknown): Refusal {
  const what = 'the dispatcher does not say right now whether the job has unfinished runs, try again'
  return new Refusal('UNAVAILABLE', what, { cause })
}
