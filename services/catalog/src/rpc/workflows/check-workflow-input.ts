// A workflow is checked in slices: reading all its expressions can take seconds where somebody means ill, so after a few milliseconds of it
// everybody else gets a turn. Reading one expression is bounded, and the check itself, which only looks up what was read, is linear.

import { setImmediate } from 'node:timers/promises'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { type CheckedConfig, checkWorkflow } from '../../domain/workflows/check-workflow.ts'
import { type Readings, readTexts } from '../../domain/workflows/readings.ts'
import type { WorkflowInput } from '../../domain/workflows/workflow-input.ts'
import { requireWaiting } from '../require-waiting.ts'

const sliceMs = 5

/** Checks a whole workflow as it shall be saved, or refuses it. `prefix` is what the request calls it, with a dot. */
export async function checkWorkflowInput(
  input: WorkflowInput,
  prefix: string,
  call: Pick<Call, 'caller' | 'signal'>,
): Promise<CheckedConfig> {
  const readings = await readInSlices(input, call)
  const checked = checkWorkflow(input, { projectId: call.caller.projectId, readings, prefix })
  if (!checked.ok) throw refuseFields('FIELD_INVALID', checked.problems)
  return checked
}

async function readInSlices(input: WorkflowInput, call: Pick<Call, 'signal'>): Promise<Readings> {
  const reading = readTexts(input)
  let began = performance.now()
  for (;;) {
    const turn = reading.next()
    if (turn.done) return turn.value
    if (performance.now() - began < sliceMs) continue
    await setImmediate()
    requireWaiting(call)
    began = performance.now()
  }
}
