import { WorkflowSchema } from '@strait/contracts/catalog/v1/workflow_pb'
import type { UpdateWorkflowRequest } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { applyFields, readMask } from '../apply-mask.ts'
import { type ChangeDeps, changeWorkflow } from './change-workflow.ts'
import { readWorkflow, workflowInputFields, writeWorkflow } from './workflow-codec.ts'

/** Changes the fields of a workflow that the mask names. */
export function updateWorkflow(deps: ChangeDeps) {
  return async (request: UpdateWorkflowRequest, call: Call) => {
    const { workflow, patch, etag, validateOnly } = request
    const mask = readMask(WorkflowSchema, workflowInputFields, request.updateMask?.paths)
    const problems = [
      ...(patch === undefined ? [{ field: 'patch', description: 'is required' }] : []),
      ...mask.problems,
    ]
    if (patch === undefined || problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    return changeWorkflow(
      deps,
      {
        workflow,
        etag,
        validateOnly,
        action: 'updated',
        prefix: 'patch.',
        propose: (before) =>
          readWorkflow(applyFields(WorkflowSchema, writeWorkflow(before), patch, mask.fields)),
      },
      call,
    )
  }
}
