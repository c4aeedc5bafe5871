import type {
  ListWorkflowsRequest,
  ListWorkflowVersionsRequest,
} from '@strait/contracts/catalog/v1/workflow_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { Problem } from '../../domain/jobs/job-input.ts'
import type { PageTokens } from '../../domain/page-token.ts'
import { textProblem } from '../../domain/text-rules.ts'
import type { CatalogDb } from '../../store/database.ts'
import {
  listWorkflows as list,
  listWorkflowVersions as listVersions,
} from '../../store/workflows/list-workflows.ts'
import { readAskedPage } from '../asked-page.ts'
import { writeWorkflow } from './workflow-codec.ts'
import { requireWorkflow } from './workflow-ref.ts'

interface Deps {
  readonly db: CatalogDb
  readonly tokens: PageTokens
}

const maxTags = 20

/** Answers the workflows of the caller's project, newest first, a page at a time. */
export function listWorkflows({ db, tokens }: Deps) {
  return async (request: ListWorkflowsRequest, { caller: { projectId } }: Call) => {
    const { tags, enabled, text } = request
    const filters = JSON.stringify([Object.entries(tags).sort(), enabled, text])
    const theList = ['ListWorkflows', projectId, filters]
    const page = readAskedPage(tokens, theList, request)
    const problems = [...page.problems, ...filterProblems(request)]
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)

    const { workflows, next } = await list(db, { projectId, tags, enabled, text }, page.after, page.limit)
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
    const page = readAskedPage(tokens, theList, request)
    if (page.problems.length > 0) throw refuseFields('FIELD_INVALID', page.problems)

    const { workflows, next } = await listVersions(db, workflow, page.after, page.limit)
    return {
      versions: workflows.map(writeWorkflow),
      nextPageToken: next === undefined ? '' : tokens.write(theList, next),
    }
  }
}

function filterProblems({ tags, text }: ListWorkflowsRequest): Problem[] {
  const entries = Object.entries(tags)
  const problems: Problem[] = []
  if (entries.length > maxTags)
    problems.push({
      field: 'tags',
      description: `must have at most ${maxTags} entries, not ${entries.length}`,
    })
  for (const [key, value] of entries.slice(0, maxTags)) {
    const problem = textProblem(key, 1, 64) ?? textProblem(value, 0, 256)
    if (problem !== undefined) problems.push({ field: 'tags', description: `a key or a value ${problem}` })
  }
  const inText = text === undefined ? undefined : textProblem(text, 1, 255)
  if (inText !== undefined) problems.push({ field: 'text', description: inText })
  return problems
}
