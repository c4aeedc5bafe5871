import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Client } from '@connectrpc/connect'
import type { Workflow, WorkflowSchema, WorkflowStepSchema } from '@strait/contracts/catalog/v1/workflow_pb'
import { WorkflowService } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { sql } from 'kysely'
import { type AppBundle, anotherProject } from './app-bundle.ts'

/** The fields of a workflow, as far as they are given. */
export type Fields = Exclude<MessageInitShape<typeof WorkflowSchema>, Workflow>
export type StepFields = MessageInitShape<typeof WorkflowStepSchema>
export type Workflows = Client<typeof WorkflowService>

/** A step that runs a job, after the steps named. */
export function aStep(ref: string, dependsOn: string[] = [], over: StepFields = {}): StepFields {
  return { ref, dependsOn, does: { case: 'job', value: { job: 'a-job' } }, ...over }
}

/** A step that runs a workflow. */
export function aSubStep(ref: string, workflow: string): StepFields {
  return { ref, does: { case: 'subWorkflow', value: { workflow } } }
}

/** The least that a workflow needs. */
export const aWorkflow: Fields = { name: 'A workflow', steps: [aStep('only')] }

/** Calls with the demo project's key. */
export function workflowsOf(app: AppBundle): Workflows {
  return app.client(WorkflowService, app.store.apiKey)
}

/** Stores a workflow with what is given laid over the least. */
export async function makeWorkflow(workflows: Workflows, over: Fields = {}): Promise<Workflow> {
  const { workflow } = await workflows.createWorkflow({ workflow: { ...aWorkflow, ...over } })
  if (workflow === undefined) throw new Error('the answer has no workflow')
  return workflow
}

/** Changes the fields that are given. */
export function update(workflows: Workflows, workflow: string, patch: Fields, more: object = {}) {
  const paths = Object.keys(patch).map((name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  )
  return workflows.updateWorkflow({ workflow, patch, updateMask: { paths }, ...more })
}

/** A client of another project on the same database. */
export async function openNeighbour(app: AppBundle): Promise<Workflows> {
  const { apiKey } = await anotherProject(app, 'neighbour')
  return app.client(WorkflowService, apiKey)
}

/** How many rows tell of workflows: heads, versions, and entries of the audit log. */
export async function countWorkflowRows({ store }: AppBundle): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select (
      (select count(*) from workflows) + (select count(*) from workflow_versions) + (select count(*) from audit_events)
    )::int4 as count
  `.execute(store.db)
  return rows[0]!.count
}
