import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { DueItem } from '@strait/contracts/events/v1/due_pb'
import type { DueRun } from '../create-due-runs.ts'

/** A due item as it came, or undefined where it cannot be one. */
export function toDueRun(item: DueItem): DueRun | undefined {
  if (item.nominalAt === undefined || item.runId === '' || item.scheduleId === '') return undefined
  const occurrence = { scheduleId: item.scheduleId, nominalAt: timestampDate(item.nominalAt) }
  return {
    runId: item.runId,
    projectId: item.projectId,
    jobId: item.jobId,
    occurrence,
    payload: item.payload,
  }
}
