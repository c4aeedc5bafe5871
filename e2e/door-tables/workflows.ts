// What every door is asked about workflows and their versions, each about one of its own.

import { WorkflowService } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { expect } from 'vitest'
import { asking, ifMatch, invalid, type Row } from '../door-row.ts'

const workflows = WorkflowService.method

const text = expect.stringMatching(/./)
const describing = { patch: { description: 'new' }, updateMask: 'description' }
const restDescribing = { description: 'new' }

const step = (ref: string, before: string) => ({ ref, job: { job: 'doors' }, depends_on: [before] })
const rpcStep = (ref: string, before: string) => ({ ref, job: { job: 'doors' }, dependsOn: [before] })

/** All of them. */
export const workflowRows: readonly Row[] = [
  {
    what: 'a workflow',
    ask: ({ slug }) => {
      const first = { ref: 'a', job: { job: 'doors' } }
      return asking(
        workflows.createWorkflow,
        { workflow: { name: 'Mine', slug, steps: [first, rpcStep('b', 'a')] } },
        'POST /v1/workflows',
        { name: 'Mine', slug, steps: [first, step('b', 'a')] },
      )
    },
    status: 201,
    shows: () => [
      {
        workflow: {
          version: 1,
          steps: [{ onFailure: 'ON_STEP_FAILURE_FAIL_WORKFLOW' }, { dependsOn: ['a'] }],
        },
      },
      { version: 1, steps: [{ on_failure: 'fail_workflow' }, { depends_on: ['a'] }] },
    ],
  },
  {
    what: 'a workflow that goes in circles',
    ask: () =>
      asking(
        workflows.createWorkflow,
        {
          workflow: {
            name: 'Round',
            steps: [{ ref: 'c', job: { job: 'doors' } }, rpcStep('a', 'b'), rpcStep('b', 'a')],
          },
        },
        'POST /v1/workflows',
        { name: 'Round', steps: [{ ref: 'c', job: { job: 'doors' } }, step('a', 'b'), step('b', 'a')] },
      ),
    refused: invalid('workflow.steps[1].depends_on'),
  },
  {
    what: 'a workflow as it is',
    ask: ({ slug: workflow }) => asking(workflows.getWorkflow, { workflow }, `GET /v1/workflows/${workflow}`),
    shows: ({ slug }) => [{ workflow: { slug } }, { slug }],
  },
  {
    what: 'workflows',
    ask: () => asking(workflows.listWorkflows, { pageSize: 1 }, 'GET /v1/workflows?page_size=1'),
    shows: ({ slug }) => [
      { workflows: [{ slug }] },
      { workflows: [{ slug }], next_page_token: expect.any(String) },
    ],
  },
  {
    what: 'a change of a workflow',
    ask: ({ slug: workflow }) =>
      asking(
        workflows.updateWorkflow,
        { workflow, ...describing },
        `PATCH /v1/workflows/${workflow}`,
        restDescribing,
      ),
    shows: () => [{ workflow: { version: 2 } }, { version: 2, description: 'new' }],
  },
  {
    what: 'a change of a workflow that was changed meanwhile',
    ask: ({ slug: workflow }) =>
      ifMatch(
        'ver_0000000000',
        asking(
          workflows.updateWorkflow,
          { workflow, ...describing },
          `PATCH /v1/workflows/${workflow}`,
          restDescribing,
        ),
      ),
    refused: ['aborted', 412, 'ETAG_MISMATCH', 'etag'],
  },
  {
    what: 'versions of a workflow',
    ask: ({ slug: workflow }) =>
      asking(workflows.listWorkflowVersions, { workflow }, `GET /v1/workflows/${workflow}/versions`),
    shows: () => {
      const versions = [{ version: 2 }, { version: 1 }]
      return [{ versions }, { versions, next_page_token: '' }]
    },
  },
  {
    what: 'a version of a workflow',
    ask: ({ slug: workflow }) =>
      asking(
        workflows.getWorkflowVersion,
        { workflow, version: '1' },
        `GET /v1/workflows/${workflow}/versions/1`,
      ),
    shows: () => [{ workflow: { version: 1 } }, { version: 1, description: '' }],
  },
  {
    what: 'what changed in a workflow',
    ask: ({ slug: workflow }) =>
      asking(
        workflows.diffWorkflowVersions,
        { workflow, from: '1' },
        `GET /v1/workflows/${workflow}/diff?from=1`,
      ),
    shows: () => [
      { changes: [{ field: 'description', before: '""', after: '"new"' }] },
      { changes: [{ field: 'description', before: '', after: 'new' }] },
    ],
  },
  {
    what: 'an earlier version of a workflow again',
    ask: ({ slug: workflow }) =>
      asking(
        workflows.rollbackWorkflow,
        { workflow, version: '1' },
        `POST /v1/workflows/${workflow}/rollback`,
        {
          version: '1',
        },
      ),
    shows: () => [{ workflow: { version: 3 } }, { version: 3, description: '' }],
  },
  {
    what: 'a drawing of a workflow',
    ask: ({ slug: workflow }) =>
      asking(
        workflows.renderWorkflow,
        { workflow, format: 'GRAPH_FORMAT_DOT' },
        `GET /v1/workflows/${workflow}/graph?format=dot`,
      ),
    shows: () => [{ graph: expect.stringContaining('->') }, { graph: expect.stringContaining('->') }],
  },
  {
    what: 'the end of a workflow',
    ask: ({ slug: workflow }) =>
      asking(workflows.deleteWorkflow, { workflow }, `DELETE /v1/workflows/${workflow}`),
    shows: () => [{ workflow: { deletedAt: text } }, { deleted_at: text }],
  },
  {
    what: 'a workflow that is gone',
    ask: ({ slug: workflow }) => asking(workflows.getWorkflow, { workflow }, `GET /v1/workflows/${workflow}`),
    refused: ['not_found', 404, 'WORKFLOW_NOT_FOUND'],
  },
]
