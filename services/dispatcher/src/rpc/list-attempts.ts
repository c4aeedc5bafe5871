import type { ListAttemptsRequest } from '@strait/contracts/dispatcher/v1/run_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { Db } from '../store/db.ts'
import { toAttemptMessage } from './run-codec.ts'
import { requireRun } from './run-ref.ts'

/** RunService.ListAttempts: a run's calls, oldest first, the one in flight included. */
export function listAttempts(db: Db) {
  return async (request: ListAttemptsRequest, call: Call) => {
    const { attempts } = await requireRun(db, call.caller.projectId, request.run)
    return { attempts: attempts.map(toAttemptMessage) }
  }
}
