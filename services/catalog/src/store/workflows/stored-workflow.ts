// A configuration of a workflow as it is stored: under the names of the API, what a step does beside its ref as the schema has it, so that
// an operator reads in the table what a user reads in an answer. One from before a field existed reads as that field's default.

import {
  type StepWork,
  type WorkflowConfig,
  type WorkflowStep,
  workflowDefaults,
} from '../../domain/workflows/workflow.ts'

type Fields = Readonly<Record<string, unknown>>

/** A configuration as it is stored. */
export function toStoredWorkflow(config: WorkflowConfig): string {
  const { steps, ...rest } = config
  return JSON.stringify({ ...toSnakeKeys(rest), steps: steps.map(toStoredStep) })
}

/** A configuration as it was stored. */
export function fromStoredWorkflow(stored: Fields): WorkflowConfig {
  const { steps, ...rest } = stored
  // The checks passed when it was written; what is stored is ours alone to write.
  const fields = { ...workflowDefaults, ...toCamelKeys(rest) } as WorkflowConfig
  return { ...fields, steps: (steps as readonly Fields[]).map(fromStoredStep) }
}

function toStoredStep({ does, ...step }: WorkflowStep): Fields {
  const { kind, ...work } = does
  const call = 'items' in does ? { job: toSnakeKeys(does.job) } : {}
  return { ...toSnakeKeys(step), [toSnake(kind)]: { ...toSnakeKeys(work), ...call } }
}

function fromStoredStep(stored: Fields): WorkflowStep {
  const { ref, dependsOn, condition, onFailure, ...work } = toCamelKeys(stored) as Omit<WorkflowStep, 'does'>
  const [kind, fields] = Object.entries(work)[0] as [StepWork['kind'], Fields]
  const does = { kind, ...emptyWork[kind], ...toCamelKeys(fields) } as StepWork
  const call = does.kind === 'forEach' ? { job: { ...emptyCall, ...toCamelKeys(does.job) } } : {}
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

// Only the fields' own names: the keys inside a map are the user's.
function toSnakeKeys(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [toSnake(key), value]))
}

function toCamelKeys(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [toCamel(key), value]))
}

function toSnake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function toCamel(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
