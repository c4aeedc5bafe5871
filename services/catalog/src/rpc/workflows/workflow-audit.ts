import { WorkflowSchema } from '@strait/contracts/catalog/v1/workflow_pb'
import type { WorkflowRecord } from '../../domain/workflows/workflow.ts'
import { entriesOf } from '../audit-entry.ts'
import { auditText } from '../audit-text.ts'
import { writeWorkflow } from './workflow-codec.ts'

/** The entry of a change of a workflow for the audit log. */
export const workflowAudit = entriesOf<'created' | 'updated' | 'rolled_back' | 'deleted', WorkflowRecord>(
  'workflow',
  (workflow) => workflow.projectId,
  (workflow) => auditText(WorkflowSchema, writeWorkflow(workflow)),
)
