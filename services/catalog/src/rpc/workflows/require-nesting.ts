import { refuseFields } from '@strait/service-kit/refusal'
import { nestingProblems } from '../../domain/workflows/check-nesting.ts'
import { subWorkflowsOf, type WorkflowConfig } from '../../domain/workflows/workflow.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findNesting, lockNesting } from '../../store/workflows/find-nesting.ts'

/** A workflow that is to be saved, as far as which lies in which is concerned. */
export interface ToNest {
  readonly projectId: string
  /** Undefined for one that is not there yet. */
  readonly id: string | undefined
  readonly config: WorkflowConfig
  readonly prefix: string
}

/**
 * Refuses a workflow that would lie in itself or make too many lie within each other, as the project is now. Inside of a transaction nobody
 * else's save comes between this look and the write.
 */
export async function requireNesting(
  db: CatalogDb,
  { projectId, id, config, prefix }: ToNest,
  { lock }: { readonly lock: boolean },
): Promise<void> {
  if (subWorkflowsOf(config).length === 0) return
  if (lock) await lockNesting(db, projectId)
  const problems = nestingProblems(config, await findNesting(db, projectId, id), prefix)
  if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
}
