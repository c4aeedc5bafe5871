import type { CreateRunsRequest } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import { createDueRuns, type DueRunsDeps } from '../create-due-runs.ts'
import { toDueRun } from './due-codec.ts'
import { toDueOutcome } from './feed-codec.ts'

const maxItems = 500

/** DispatcherInternalService.CreateRuns: the way of due items whose message got lost. */
export function createRuns(deps: DueRunsDeps) {
  return async (request: CreateRunsRequest) => {
    if (request.items.length > maxItems) {
      throw refuseFields('FIELD_INVALID', [
        { field: 'items', description: `must have at most ${maxItems} entries` },
      ])
    }
    const runs = request.items.map((item, i) => {
      const run = toDueRun(item)
      if (run === undefined)
        throw refuseFields('FIELD_INVALID', [
          { field: `items[${i}]`, description: 'misses a run id, a schedule or a nominal time' },
        ])
      return run
    })
    return { outcomes: (await createDueRuns(deps, runs)).map(toDueOutcome) }
  }
}
