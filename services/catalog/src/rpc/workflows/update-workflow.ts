import { WorkflowSchema } from '@strait/contracts/catalog/v1/workflow_pb'
import type { UpdateWorkflowRequest } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { checkMask, etagProblems } from '../../domain/check-mask.ts'
import { layPatch } from '../../domain/lay-patch.ts'
import type { WorkflowInput } from '../../domain/workflows/workflow-input.ts'
import { type ChangeDeps, changeWorkflow } from './change-workflow.ts'
import { readWorkflow, workflowInputFields } from './workflow-codec.ts'

const known: ReadonlySet<string> = new Set(WorkflowSchema.fields.map((field) => field.name))

/** Changes the fields of a workflow that the mask names. */
export function updateWorkflow(deps: ChangeDeps) {
  return async (request: UpdateWorkflowRequest, call: Call) => {
    const { workflow, patch, etag, validateOnly } = request
    const { paths, problems: inMask } = checkMask(request.updateMask?.paths, { known, what: 'a workflow' })
    const problems = [
      ...(patch === undefined ? [{ field: 'patch', description: 'is required' }] : []),
      ...inMask,
      ...etagProblems(etag),
    ]
    if (patch === undefined || problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const values = readWorkflow(patch)
    const named = workflowInputFields.filter(({ name }) => paths.has(name)).map(({ localName }) => localName)
    const fields = new Set(named as (keyof WorkflowInput)[])
    return changeWorkflow(
      deps,
      {
        workflow,
        etag,
        validateOnly,
        action: 'updated',
        prefix: 'patch.',
        propose: ({ config }) => layPatch<WorkflowInput>(config, values, fields),
      },
      call,
    )
  }
}
