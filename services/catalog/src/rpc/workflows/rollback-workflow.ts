import type { RollbackWorkflowRequest } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { type ChangeDeps, changeWorkflow } from './change-workflow.ts'
import { requireVersion } from './workflow-ref.ts'

/**
 * Makes a new version with the configuration of an earlier one, but for `enabled` and the slug, which stay. What was right then is checked
 * again: the project around it is another.
 */
export function rollbackWorkflow(deps: ChangeDeps) {
  return async ({ workflow, version, etag, validateOnly }: RollbackWorkflowRequest, call: Call) => {
    const problems = etagProblems(etag)
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    return changeWorkflow(
      deps,
      {
        workflow,
        etag,
        validateOnly,
        action: 'rolled_back',
        prefix: 'workflow.',
        propose: async (before) => {
          const { config } = await requireVersion(deps.db, before, version)
          const { enabled, slug } = before.config
          return { ...config, enabled, slug }
        },
      },
      call,
    )
  }
}
