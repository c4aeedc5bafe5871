import type {
  ListWorkflowsRequest,
  ListWorkflowVersionsRequest,
} from '@strait/contracts/catalog/v1/workflow_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { filterProblems } from '../../domain/check-filter.ts'
import type { PageTokens } from '../../domain/page-token.ts'
import type { CatalogDb } from '../../store/database.ts'
import {
  listWorkflows as list,
  listWorkflowVersions as listVersions,
} from '../../store/workflows/list-workflows.ts'
import { readPlace } from '../read-page.ts'
import { writeWorkflow } from './workflow-codec.ts'
import { requireWorkflow } from './workflow-ref.ts'

interface Deps {
  readonly db: CatalogDb
  readonly tokens: PageTokens
}

/** Answers the workflows of the caller's project, newest first, a page at a time. */
export function listWorkflows({ db, tokens }: Deps) {
  return async (request: ListWorkflowsRequest, { caller: { projectId } }: Call) => {
    const { tags, enabled, text } = request
    const filters = JSON.stringify([Object.entries(tags).sort(), enabled, text])
    const theList = ['ListWorkflows', projectId, filters]
    const { after, limit } = readPlace(tokens, theList, request, filterProblems(tags, text))
    const { workflows, next } = await list(db, { projectId, tags, enabled, text }, after, limit)
    return {
      workflows: workflows.map(writeWorkflow),
      nextPageToken: next === undefined ? '' : tokens.write(theList, next),
    }
  }
}

/** Answers the versions of a workflow, newest first, a page at a time; of a deleted one by its id. */
export function listWorkflowVersions({ db, tokens }: Deps) {
  return async (request: ListWorkflowVersionsRequest, { caller: { projectId } }: Call) => {
    const workflow = await requireWorkflow(db, projectId, request.workflow, { deletedToo: true })
    const theList = ['ListWorkflowVersions', projectId, workflow.id]
    const { after, limit } = readPlace(tokens, theList, request)
    const { workflows, next } = await listVersions(db, workflow, after, limit)
    return {
      versions: workflows.map(writeWorkflow),
      nextPageToken: next === undefined ? '' : tokens.write(theList, next),
    }
  }
}
