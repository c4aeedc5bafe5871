import type { DeleteWorkflowRequest } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import { deleteWorkflowIfUnchanged } from '../../store/workflows/save-workflow.ts'
import { requireWaiting } from '../require-waiting.ts'
import { workflowAudit } from './workflow-audit.ts'
import { writeWorkflow } from './workflow-codec.ts'
import { requireEtag, requireWorkflow, type WorkflowDeps } from './workflow-ref.ts'

/** Deletes a workflow. Whatever names it by its slug finds it missing from then on. */
export function deleteWorkflow({ db, events, announce }: WorkflowDeps) {
  return async ({ workflow, etag, validateOnly }: DeleteWorkflowRequest, call: Call) => {
    const problems = etagProblems(etag)
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const { projectId, actor } = call.caller
    for (let ref = workflow; ; ) {
      requireWaiting(call)
      const before = await requireWorkflow(db, projectId, ref)
      // Its slug may be another one at the next turn, or another workflow's.
      ref = before.id
      requireEtag(before, etag)
      if (validateOnly) return { workflow: writeWorkflow(before) }
      const deleted = await db.transaction().execute(async (trx) => {
        const gone = await deleteWorkflowIfUnchanged(trx, before)
        if (gone === undefined) return undefined
        await recordAudit(trx, [workflowAudit('deleted', actor, { before })])
        return gone
      })
      if (deleted === undefined) continue
      events.workflowChanged('deleted', deleted, actor)
      await announce('workflow', [deleted.id])
      return { workflow: writeWorkflow(deleted) }
    }
  }
}
