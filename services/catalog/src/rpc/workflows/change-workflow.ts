// A change of a workflow, whatever asks for it: read, lay the change over, check the whole, write what was decided on as the next version.
// When somebody else's change came first, it is decided again on what that one left; each turn that is lost was another's change, so the
// turns end. A change that changes no value writes nothing.

import { newVersionId } from '@strait/domain/ids'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { WorkflowConfig, WorkflowRecord } from '../../domain/workflows/workflow.ts'
import type { WorkflowInput } from '../../domain/workflows/workflow-input.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import type { CatalogDb } from '../../store/database.ts'
import { isSlugTaken } from '../../store/slug-taken.ts'
import { updateWorkflowIfUnchanged, workflowSlugs } from '../../store/workflows/save-workflow.ts'
import { requireWaiting } from '../require-waiting.ts'
import type { Turns } from '../turns.ts'
import { previewSlug, slugTaken } from '../under-free-slug.ts'
import { checkWorkflowInput } from './check-workflow-input.ts'
import { requireNesting } from './require-nesting.ts'
import { workflowAudit } from './workflow-audit.ts'
import { diffWorkflows, writeUnstoredWorkflow, writeWorkflow } from './workflow-codec.ts'
import { requireEtag, requireWorkflow, slugPlace, type WorkflowDeps } from './workflow-ref.ts'

/** What is asked for. */
export interface Change {
  /** Id or slug of the workflow. */
  readonly workflow: string
  readonly etag: string | undefined
  readonly validateOnly: boolean
  readonly action: 'updated' | 'rolled_back'
  /** What the request calls the workflow in refusals, with a dot. */
  readonly prefix: string
  /** The workflow as it shall be. */
  readonly propose: (before: WorkflowRecord) => Promise<WorkflowInput> | WorkflowInput
}

/** What changing workflows needs besides: a change waits for those before it in this process. */
export type ChangeDeps = WorkflowDeps & { readonly inTurn: Turns }

/** Makes a change, and answers the workflow as it is then. */
export function changeWorkflow(deps: ChangeDeps, change: Change, call: Call) {
  const key = `${call.caller.projectId} ${change.workflow}`
  return deps.inTurn(key, () => decideAndStore(deps, change, call))
}

async function decideAndStore({ db, events, announce }: WorkflowDeps, change: Change, call: Call) {
  const { projectId, actor } = call.caller
  const { etag, prefix, action } = change
  for (let ref = change.workflow; ; ) {
    requireWaiting(call)
    const before = await requireWorkflow(db, projectId, ref)
    // Its slug may be another one at the next turn, or another workflow's.
    ref = before.id
    requireEtag(before, etag)
    const { config, slugIsChosen } = await checkWorkflowInput(await change.propose(before), prefix, call)
    const place = slugPlace(db, projectId, prefix, before.id)
    const slug = await previewSlug(place, { text: config.slug, isChosen: slugIsChosen })
    const after = { ...config, slug }
    if (diffWorkflows(before.config, after).length === 0) return { workflow: writeWorkflow(before) }
    if (change.validateOnly) {
      await requireNesting(db, { projectId, id: before.id, config: after, prefix }, { lock: false })
      return { workflow: preview(before, after) }
    }
    const stored = await store(db, before, { config: after, prefix, actor, action })
    if (stored === 'slug_taken' && slugIsChosen) throw slugTaken(place, slug)
    if (stored === 'slug_taken' || stored === 'changed_meanwhile') continue
    events.workflowChanged(action, stored, actor)
    await announce('workflow', [stored.id])
    return { workflow: writeWorkflow(stored) }
  }
}

/** What would be stored: it has no version and no time of change yet. */
function preview(before: WorkflowRecord, config: WorkflowConfig) {
  const { id, createdBy, createdAt } = writeWorkflow(before)
  return { ...writeUnstoredWorkflow(config, before.projectId), id, createdBy, createdAt }
}

interface ToStore {
  readonly config: WorkflowConfig
  readonly prefix: string
  readonly actor: string
  readonly action: Change['action']
}

async function store(
  db: CatalogDb,
  before: WorkflowRecord,
  { config, prefix, actor, action }: ToStore,
): Promise<WorkflowRecord | 'changed_meanwhile' | 'slug_taken'> {
  const { id, projectId } = before
  try {
    return await db.transaction().execute(async (trx) => {
      await requireNesting(trx, { projectId, id, config, prefix }, { lock: true })
      const next = { config, by: actor, versionId: newVersionId() }
      const after = await updateWorkflowIfUnchanged(trx, before, next)
      if (after === undefined) return 'changed_meanwhile'
      await recordAudit(trx, [workflowAudit(action, actor, { before, after })])
      return after
    })
  } catch (thrown) {
    if (isSlugTaken(thrown, workflowSlugs)) return 'slug_taken'
    throw thrown
  }
}
