import type { GetRunRequest } from '@strait/contracts/dispatcher/v1/run_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { Db } from '../store/db.ts'
import { toRunMessage } from './run-codec.ts'
import { requireRun } from './run-ref.ts'

/** RunService.GetRun: a run as it is now. */
export function getRun(db: Db) {
  return async (request: GetRunRequest, call: Call) => {
    const { run } = await requireRun(db, call.caller.projectId, request.run)
    return { run: toRunMessage(run) }
  }
}
