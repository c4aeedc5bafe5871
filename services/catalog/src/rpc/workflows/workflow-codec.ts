// The Workflow message and the workflow, in both directions.

import { create, type DescField } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type Workflow, WorkflowSchema } from '@strait/contracts/catalog/v1/workflow_pb'
import {
  type WorkflowConfig,
  type WorkflowRecord,
  workflowDefaults,
} from '../../domain/workflows/workflow.ts'
import type { WorkflowInput } from '../../domain/workflows/workflow-input.ts'
import { diffMessages, type FieldDifference } from '../diff-messages.ts'
import { readPlain, writePlain } from '../plain-message.ts'

/** The fields that the catalog fills in; what a creator puts there is ignored. */
const outputOnlyFields: ReadonlySet<string> = new Set([
  'id',
  'version',
  'version_id',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
  'deleted_at',
])

/** The fields that a creator gives, in the order of the schema. */
export const workflowInputFields: readonly DescField[] = WorkflowSchema.fields.filter(
  ({ name }) => !outputOnlyFields.has(name),
)

/** Reads a workflow as its creator gave it. */
export function readWorkflow(workflow: Workflow): WorkflowInput {
  return readPlain(WorkflowSchema, workflow, workflowInputFields)
}

/** Writes a stored workflow. */
export function writeWorkflow(workflow: WorkflowRecord): Workflow {
  return create(WorkflowSchema, {
    ...writePlain(WorkflowSchema, workflow.config),
    id: workflow.id,
    projectId: workflow.projectId,
    version: workflow.version,
    versionId: workflow.versionId,
    createdBy: workflow.createdBy,
    updatedBy: workflow.updatedBy,
    createdAt: timestampFromDate(workflow.createdAt),
    updatedAt: timestampFromDate(workflow.updatedAt),
    ...(workflow.deletedAt && { deletedAt: timestampFromDate(workflow.deletedAt) }),
  })
}

/** Writes a workflow that was checked and not stored: what has no id has no version and no times. */
export function writeUnstoredWorkflow(config: WorkflowConfig, projectId: string): Workflow {
  return create(WorkflowSchema, { ...writePlain(WorkflowSchema, config), projectId })
}

/** In which fields, and which steps, a configuration differs from another; from the defaults where there is none. */
export function diffWorkflows(
  before: WorkflowConfig | undefined,
  after: WorkflowConfig,
): readonly FieldDifference[] {
  const [was, is] = [before ?? workflowDefaults, after].map((config) =>
    create(WorkflowSchema, writePlain(WorkflowSchema, config)),
  ) as [Workflow, Workflow]
  return diffMessages(WorkflowSchema, was, is, { fields: workflowInputFields, named: { steps: 'ref' } })
}
