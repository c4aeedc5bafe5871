// A configuration of a workflow as it is stored: under the names of the API, what a step does beside its ref as the schema has it, so that
// an operator reads in the table what a user reads in an answer. One from before a field existed reads as that field's default.

import {
  type StepWork,
  type WorkflowConfig,
  type WorkflowStep,
  workflowDefaults,
} from '../../domain/workflows/workflow.ts'
import { fromStoredFields, toStoredFields } from '../stored-config.ts'

type Fields = Readonly<Record<string, unknown>>

/** A configuration as it is stored. */
export function toStoredWorkflow(config: WorkflowConfig): string {
  const { steps, ...rest } = config
  return JSON.stringify({ ...toStoredFields(rest), steps: steps.map(toStoredStep) })
}

/** A configuration as it was stored. */
export function fromStoredWorkflow(stored: Fields): WorkflowConfig {
  const { steps, ...rest } = stored
  // The checks passed when it was written; what is stored is ours alone to write.
  const fields = { ...workflowDefaults, ...fromStoredFields(rest) } as WorkflowConfig
  return { ...fields, steps: (steps as readonly Fields[]).map(fromStoredStep) }
}

function toStoredStep({ does, ...step }: WorkflowStep): Fields {
  const { kind, ...work } = does
  const call = 'items' in does ? { job: toStoredFields(does.job) } : {}
  return { ...toStoredFields(step), ...toStoredFields({ [kind]: { ...toStoredFields(work), ...call } }) }
}

function fromStoredStep(stored: Fields): WorkflowStep {
  const { ref, dependsOn, condition, onFailure, ...work } = fromStoredFields(stored) as Omit<
    WorkflowStep,
    'does'
  >
  const [kind, fields] = Object.entries(work)[0] as [StepWork['kind'], Fields]
  const does = { kind, ...emptyWork[kind], ...fromStoredFields(fields) } as StepWork
  const call = does.kind === 'forEach' ? { job: { ...emptyCall, ...fromStoredFields(does.job) } } : {}
  return { ref, dependsOn, condition, onFailure, does: { ...does, ...call } as StepWork }
}

// JSON has no undefined: what is not set is not stored, and stands here again.
const emptyCall = {
  payload: undefined,
  maxAttempts: undefined,
  timeoutSecs: undefined,
  concurrencyKey: undefined,
}
const emptyWork: Readonly<Record<StepWork['kind'], object>> = {
  job: emptyCall,
  approval: { timeoutSecs: undefined },
  waitForEvent: { timeoutSecs: undefined },
  sleep: {},
  subWorkflow: { payload: undefined },
  forEach: {},
}
