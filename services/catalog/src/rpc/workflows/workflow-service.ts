import { WorkflowService } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { type RpcService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import { createTurns } from '../turns.ts'
import { createWorkflow } from './create-workflow.ts'
import { deleteWorkflow } from './delete-workflow.ts'
import { listWorkflows, listWorkflowVersions } from './list-workflows.ts'
import { diffWorkflowVersions, getWorkflow, getWorkflowVersion, renderWorkflow } from './read-workflows.ts'
import { rollbackWorkflow } from './rollback-workflow.ts'
import { updateWorkflow } from './update-workflow.ts'
import type { WorkflowDeps } from './workflow-ref.ts'

/** The workflow definitions of a project. */
export function workflowService(deps: WorkflowDeps & { readonly tokens: PageTokens }): RpcService {
  const changing = { ...deps, inTurn: createTurns() }
  return rpcService(WorkflowService, {
    createWorkflow: createWorkflow(deps),
    getWorkflow: getWorkflow(deps),
    listWorkflows: listWorkflows(deps),
    updateWorkflow: updateWorkflow(changing),
    deleteWorkflow: deleteWorkflow(deps),
    listWorkflowVersions: listWorkflowVersions(deps),
    getWorkflowVersion: getWorkflowVersion(deps),
    diffWorkflowVersions: diffWorkflowVersions(deps),
    rollbackWorkflow: rollbackWorkflow(changing),
    renderWorkflow: renderWorkflow(deps),
  })
}
