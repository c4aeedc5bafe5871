import type { RollbackWorkflowRequest } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import type { WorkflowRecord } from '../../domain/workflows/workflow.ts'
import { type ChangeDeps, changeWorkflow } from './change-workflow.ts'
import { requireVersion } from './workflow-ref.ts'

const prefix = 'version.'

/**
 * Makes a new version with the configuration of an earlier one, but for `enabled` and the slug, which stay. What was right then is checked
 * again: the project around it is another.
 */
export function rollbackWorkflow(deps: ChangeDeps) {
  return async ({ workflow, version, etag, validateOnly }: RollbackWorkflowRequest, call: Call) => {
    const problems = etagProblems(etag)
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const propose = async (before: WorkflowRecord) => {
      const { config } = await requireVersion(deps.db, before, version)
      const { enabled, slug } = before.config
      return { ...config, enabled, slug }
    }
    const change = { workflow, etag, validateOnly, action: 'rolled_back', prefix, propose } as const
    return changeWorkflow(deps, change, call).catch((thrown: unknown) => {
      throw ofVersion(thrown)
    })
  }
}

/** The request has none of the fields that may be wrong: they are the version's. */
function ofVersion(thrown: unknown): unknown {
  if (!(thrown instanceof Refusal) || thrown.reason !== 'FIELD_INVALID') return thrown
  const violations = thrown.violations.map(({ field, description }) =>
    field.startsWith(prefix)
      ? { field: 'version', description: `its ${field.slice(prefix.length)} ${description}` }
      : { field, description },
  )
  return refuseFields('FIELD_INVALID', violations)
}
