// CreateEnvironment: check what was given, then, under the lock, its parent and its slug; store it with its audit entry. A crash before
// the commit leaves nothing; one between commit and news leaves an environment that followers find by its change.

import type { CreateEnvironmentRequest } from '@strait/contracts/catalog/v1/environment_service_pb'
import { type EnvironmentId, newUuidv7 } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { wantedSlug } from '../../domain/check-name-and-slug.ts'
import { slugOfUnreadableNames } from '../../domain/environments/change-environment.ts'
import { checkNewEnvironment, type EnvironmentPatch } from '../../domain/environments/check-environment.ts'
import { parentProblem } from '../../domain/environments/check-line.ts'
import type { EnvironmentFields } from '../../domain/environments/environment-record.ts'
import { changedNames, namesOf, noVariables } from '../../domain/environments/variables.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import {
  findParents,
  type LockedEnvironments,
  withEnvironmentsLocked,
} from '../../store/environments/environment-lock.ts'
import { insertEnvironmentIfSlugIsFree } from '../../store/environments/write-environment.ts'
import { requireWaiting } from '../require-waiting.ts'
import { previewSlug, slugTaken } from '../under-free-slug.ts'
import { environmentAudit } from './environment-audit.ts'
import { readEnvironment, writeEnvironment, writeUnstoredEnvironment } from './environment-codec.ts'
import { type EnvironmentDeps, slugPlace } from './environment-ref.ts'

/** Stores a new environment in the caller's project. */
export function createEnvironment(deps: EnvironmentDeps) {
  const { db, masterKey, targetProblemOf, announce, changed } = deps
  return async ({ environment: given, validateOnly }: CreateEnvironmentRequest, call: Call) => {
    const { projectId, actor: by } = call.caller
    const input = given && readEnvironment(given)
    const targetProblem = await targetProblemOf(projectId)
    const checked = checkNewEnvironment(input, { projectId, targetProblem })
    if (!checked.ok) throw refuseFields('FIELD_INVALID', checked.problems)
    const { variables, jobOverrides } = checked.patch
    const own = { variables, jobOverrides }

    const made = await withEnvironmentsLocked(db, masterKey, projectId, async (locked) => {
      requireWaiting(call)
      const fields = await fieldsOf(locked, checked.patch)
      if (validateOnly) return { fields }
      const id = newUuidv7<EnvironmentId>()
      const after = await insertEnvironmentIfSlugIsFree(locked, { id, fields, own, by })
      if (after === undefined) throw slugTaken(slugPlace(locked.trx, projectId, 'environment'), fields.slug)
      const entry = environmentAudit('created', by, { after, changedNames: changedNames(noVariables, own) })
      await recordAudit(locked.trx, [entry])
      return { fields, after }
    })
    if (made.after === undefined)
      return { environment: writeUnstoredEnvironment(made.fields, namesOf(own), projectId) }
    changed('created', made.after, by)
    await announce('environment', [made.after.id])
    return { environment: writeEnvironment(made.after) }
  }
}

/** What needs a look at the other environments: the parent, and a slug that is free. */
async function fieldsOf(
  locked: LockedEnvironments,
  { name, slug, description, parent }: Required<EnvironmentPatch>,
): Promise<EnvironmentFields> {
  const { trx, projectId } = locked
  const problem =
    parent.id === undefined ? undefined : parentProblem(await findParents(locked), undefined, parent.id)
  if (problem !== undefined)
    throw refuseFields('FIELD_INVALID', [{ field: 'environment.parent_id', description: problem }])
  const wanted = wantedSlug(slug.text, name, slugOfUnreadableNames)
  const free = await previewSlug(slugPlace(trx, projectId, 'environment'), wanted)
  return { name, slug: free, description, parentId: parent.id as EnvironmentId | undefined }
}
