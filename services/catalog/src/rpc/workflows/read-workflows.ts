// The methods that read one workflow, or one of its versions.

import {
  type DiffWorkflowVersionsRequest,
  type GetWorkflowRequest,
  type GetWorkflowVersionRequest,
  GraphFormat,
  type RenderWorkflowRequest,
} from '@strait/contracts/catalog/v1/workflow_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { renderDot } from '../../domain/workflows/render-dot.ts'
import { renderMermaid } from '../../domain/workflows/render-mermaid.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findWorkflowVersion } from '../../store/workflows/find-workflows.ts'
import { diffWorkflows, writeWorkflow } from './workflow-codec.ts'
import { requireVersion, requireWorkflow } from './workflow-ref.ts'

interface Deps {
  readonly db: CatalogDb
}

// The versions of a deleted workflow stay readable by its id.
const deletedToo = { deletedToo: true }

/** Answers a workflow as it is now. */
export function getWorkflow({ db }: Deps) {
  return async ({ workflow }: GetWorkflowRequest, { caller }: Call) => ({
    workflow: writeWorkflow(await requireWorkflow(db, caller.projectId, workflow)),
  })
}

/** Answers a workflow as one of its versions had it. */
export function getWorkflowVersion({ db }: Deps) {
  return async ({ workflow, version }: GetWorkflowVersionRequest, { caller }: Call) => {
    const head = await requireWorkflow(db, caller.projectId, workflow, deletedToo)
    return { workflow: writeWorkflow(await requireVersion(db, head, version)) }
  }
}

/** Says in which fields, and which steps, two versions differ. */
export function diffWorkflowVersions({ db }: Deps) {
  return async ({ workflow, from, to }: DiffWorkflowVersionsRequest, { caller }: Call) => {
    const head = await requireWorkflow(db, caller.projectId, workflow, deletedToo)
    const after = to === undefined ? head : await requireVersion(db, head, to, 'to')
    const before =
      from === undefined
        ? // Of version 1 there is none before.
          await findWorkflowVersion(db, head, { number: after.version - 1 })
        : await requireVersion(db, head, from, 'from')
    return {
      fromVersionId: before?.versionId ?? '',
      toVersionId: after.versionId,
      changes: diffWorkflows(before?.config, after.config).map((change) => ({ ...change })),
    }
  }
}

/** Draws the graph of a workflow as text. */
export function renderWorkflow({ db }: Deps) {
  return async ({ workflow, version, format }: RenderWorkflowRequest, { caller }: Call) => {
    const render = renderers.get(format)
    if (render === undefined)
      throw refuseFields('FIELD_INVALID', [
        { field: 'format', description: `must be one of mermaid, dot, not ${format}` },
      ])
    const head = await requireWorkflow(db, caller.projectId, workflow, deletedToo)
    const drawn = version === undefined ? head : await requireVersion(db, head, version)
    return { graph: render(drawn.config) }
  }
}

const renderers: ReadonlyMap<GraphFormat, typeof renderMermaid> = new Map([
  [GraphFormat.UNSPECIFIED, renderMermaid],
  [GraphFormat.MERMAID, renderMermaid],
  [GraphFormat.DOT, renderDot],
])
