import type { ListVersionStepsRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { listVersionSteps as list } from '../../store/jobs/list-version-steps.ts'
import { batchOf, type InternalDeps } from './batch.ts'

/** Says of the versions after given ones whether each can serve the runs of the one before it. */
export function listVersionSteps({ db, events }: InternalDeps) {
  return async (request: ListVersionStepsRequest) => {
    const refs = batchOf('refs', request.refs)
    events.asked('list_version_steps', refs.length)
    const steps = await list(db, refs)
    return { steps: steps.map((each) => ({ steps: [...each] })) }
  }
}
