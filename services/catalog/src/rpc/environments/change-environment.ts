// How every change of an environment is made: under the lock, read it with its values, decide, write what was decided with its audit
// entry; after the commit tell followers of it and of everything below whose values moved with it. A change that changes no value writes
// nothing and tells nobody.

import type { Environment } from '@strait/contracts/catalog/v1/environment_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import {
  type ChangedEnvironment,
  decideEnvironmentChange,
} from '../../domain/environments/change-environment.ts'
import type { EnvironmentPatch } from '../../domain/environments/check-environment.ts'
import { parentProblem } from '../../domain/environments/check-line.ts'
import { totalProblem } from '../../domain/environments/check-variables.ts'
import type { EnvironmentRecord } from '../../domain/environments/environment-record.ts'
import { namesOf, type OwnVariables } from '../../domain/environments/variables.ts'
import type { Problem } from '../../domain/jobs/job-input.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import {
  findParents,
  type LockedEnvironments,
  withEnvironmentsLocked,
} from '../../store/environments/environment-lock.ts'
import { findVariables } from '../../store/environments/sealed-variables.ts'
import { updateEnvironmentIfSlugIsFree } from '../../store/environments/write-environment.ts'
import { refuseEtag } from '../refuse-etag.ts'
import { requireWaiting } from '../require-waiting.ts'
import { previewSlug, slugTaken } from '../under-free-slug.ts'
import { environmentAudit } from './environment-audit.ts'
import { writeEnvironment } from './environment-codec.ts'
import { type EnvironmentDeps, requireEnvironment, slugPlace } from './environment-ref.ts'

/** A change of one environment. */
export interface EnvironmentQuestion {
  readonly environment: string
  readonly etag: string | undefined
  readonly validateOnly: boolean
  /** What shall be different, said of the variables that are there; it may refuse. */
  readonly patchOf: (own: OwnVariables) => EnvironmentPatch
}

/** Makes a change and answers the environment as it is then. */
export async function changeEnvironment(
  { db, masterKey, announce, changed }: EnvironmentDeps,
  { environment, etag, validateOnly, patchOf }: EnvironmentQuestion,
  call: Call,
): Promise<Environment> {
  const { projectId, actor: by } = call.caller
  const outcome = await withEnvironmentsLocked(db, masterKey, projectId, async (locked) => {
    requireWaiting(call)
    const before = await requireEnvironment(locked.trx, projectId, environment)
    const own = await findVariables(locked.trx, locked.dataKey, before)
    // Who decided on another state is told that first: what is wrong may be right for the state that there is.
    if (decideEnvironmentChange(before, own, {}, etag).to === 'refuse') return refuseEtag('environment')
    const decision = decideEnvironmentChange(before, own, patchOf(own), etag)
    if (decision.to !== 'write') return { after: before, ids: [] }
    const change = await settle(locked, before, decision)
    if (validateOnly) return { after: preview(before, change), ids: [] }
    const valuesMoved = change.own !== undefined || change.parentMoved
    const written = await updateEnvironmentIfSlugIsFree(locked, before.id, {
      fields: change.fields,
      own: change.own,
      valuesMoved,
      by,
    })
    if (written === undefined) throw slugTaken(slugPlace(locked.trx, projectId, 'patch'), change.fields.slug)
    const after = written.environment
    const entry = environmentAudit('updated', by, { before, after, changedNames: change.changedNames })
    await recordAudit(locked.trx, [entry])
    return { after, ids: [after.id, ...written.below] }
  })
  if (outcome.ids.length > 0) {
    changed('updated', outcome.after, by)
    await announce('environment', outcome.ids)
  }
  return writeEnvironment(outcome.after)
}

/** Checks what needs a look at the other environments and at all variables together, and numbers a slug that is made. */
async function settle(
  locked: LockedEnvironments,
  { id, slug: slugBefore }: EnvironmentRecord,
  decision: ChangedEnvironment,
): Promise<ChangedEnvironment> {
  const { fields, own, parentMoved, slugIsMade } = decision
  const problems: Problem[] = []
  const { parentId, slug } = fields
  const parent =
    parentMoved && parentId !== undefined ? parentProblem(await findParents(locked), id, parentId) : undefined
  if (parent !== undefined) problems.push({ field: 'patch.parent_id', description: parent })
  const total = own && totalProblem(own)
  if (total !== undefined) problems.push({ field: 'patch.variables', description: total })
  if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
  if (slug === slugBefore) return decision
  const place = slugPlace(locked.trx, locked.projectId, 'patch', id)
  const free = await previewSlug(place, { text: slug, isChosen: !slugIsMade })
  return { ...decision, fields: { ...fields, slug: free } }
}

/** The environment as it would be stored, with the etag and the times that it has now. */
function preview(before: EnvironmentRecord, { fields, own }: ChangedEnvironment): EnvironmentRecord {
  return { ...before, ...fields, names: own === undefined ? before.names : namesOf(own) }
}
