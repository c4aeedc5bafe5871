import type { GetWorkflowVersionsRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { findWorkflowVersions } from '../../store/workflows/find-workflows.ts'
import { writeWorkflow } from '../workflows/workflow-codec.ts'
import { batchOf, type InternalDeps } from './batch.ts'

/** Gives frozen versions of workflows. */
export function getWorkflowVersions({ db, events }: InternalDeps) {
  return async (request: GetWorkflowVersionsRequest) => {
    const refs = batchOf('refs', request.refs)
    events.asked('get_workflow_versions', refs.length)
    const versions = await findWorkflowVersions(db, refs)
    return {
      versions: versions.map((workflow) =>
        workflow === undefined ? {} : { workflow: writeWorkflow(workflow) },
      ),
    }
  }
}
