// CreateWorkflow: check everything, store head and version together with what the audit log says of it, tell the followers.
//
// A slug that was asked for is given or refused. One made from the name is numbered until it is free: each turn that is lost was won by
// another create, so of many creates of one name at once each gets a slug of its own. A crash before the commit leaves nothing; one between
// commit and news leaves a workflow that followers find by its change.

import type { CreateWorkflowRequest } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { newUuidv7, newVersionId, type ProjectId, type WorkflowId } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { CheckedConfig } from '../../domain/workflows/check-workflow.ts'
import type { WorkflowRecord } from '../../domain/workflows/workflow.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import type { CatalogDb } from '../../store/database.ts'
import { insertWorkflowIfSlugIsFree } from '../../store/workflows/save-workflow.ts'
import { previewSlug, underFreeSlug } from '../under-free-slug.ts'
import { checkWorkflowInput } from './check-workflow-input.ts'
import { requireNesting } from './require-nesting.ts'
import { workflowAudit } from './workflow-audit.ts'
import { readWorkflow, writeUnstoredWorkflow, writeWorkflow } from './workflow-codec.ts'
import { slugPlace, type WorkflowDeps } from './workflow-ref.ts'

const prefix = 'workflow.'

/** Stores a new workflow in the caller's project. */
export function createWorkflow({ db, events, announce }: WorkflowDeps) {
  return async (request: CreateWorkflowRequest, call: Call) => {
    const { projectId, actor } = call.caller
    if (request.workflow === undefined)
      throw refuseFields('FIELD_INVALID', [{ field: 'workflow', description: 'is required' }])
    const checked = await checkWorkflowInput(readWorkflow(request.workflow), prefix, call)
    if (request.validateOnly) return { workflow: await preview(db, projectId, checked) }
    const workflow = await store(db, checked, call)
    events.workflowChanged('created', workflow, actor)
    await announce('workflow', [workflow.id])
    return { workflow: writeWorkflow(workflow) }
  }
}

async function preview(db: CatalogDb, projectId: string, { config, slugIsChosen }: CheckedConfig) {
  const wanted = { text: config.slug, isChosen: slugIsChosen }
  const withSlug = { ...config, slug: await previewSlug(slugPlace(db, projectId, prefix), wanted) }
  await requireNesting(db, { projectId, id: undefined, config: withSlug, prefix }, { lock: false })
  return writeUnstoredWorkflow(withSlug, projectId)
}

async function store(
  db: CatalogDb,
  { config, slugIsChosen }: CheckedConfig,
  { caller: { actor, projectId: inProject }, signal }: Call,
): Promise<WorkflowRecord> {
  const projectId = inProject as ProjectId
  const id = newUuidv7<WorkflowId>()
  const wanted = { text: config.slug, isChosen: slugIsChosen }
  return underFreeSlug(slugPlace(db, projectId, prefix), wanted, signal, async (slug) => {
    const workflow = { id, projectId, versionId: newVersionId(), config: { ...config, slug } }
    return db.transaction().execute(async (trx): Promise<WorkflowRecord | undefined> => {
      await requireNesting(trx, { projectId, id: undefined, config: workflow.config, prefix }, { lock: true })
      const createdAt = await insertWorkflowIfSlugIsFree(trx, { ...workflow, createdBy: actor })
      if (createdAt === undefined) return undefined
      const written = { createdBy: actor, createdAt, updatedBy: actor, updatedAt: createdAt }
      const made = { ...workflow, ...written, version: 1, deletedAt: undefined }
      await recordAudit(trx, [workflowAudit('created', actor, { after: made })])
      return made
    })
  })
}
