// What a change of an environment does, decided on the environment as it is under the lock, its values opened.

import type { EnvironmentId } from '@strait/domain/ids'
import { slugFromName } from '@strait/domain/slug'
import { etagOf } from '../etag.ts'
import type { EnvironmentPatch } from './check-environment.ts'
import type { EnvironmentFields, EnvironmentRecord } from './environment-record.ts'
import { changedNames, type OwnVariables } from './variables.ts'

/** The slug of an environment whose name leaves nothing readable. */
export const slugOfUnreadableNames = 'environment'

/** An environment as it shall be, and what is different about it. */
export interface ChangedEnvironment {
  readonly fields: EnvironmentFields
  /** Undefined where no value differs. */
  readonly own: OwnVariables | undefined
  /** The names whose values differ. */
  readonly changedNames: readonly string[]
  readonly parentMoved: boolean
  /** Whether the slug was made from the name and may be numbered. */
  readonly slugIsMade: boolean
}

/** What a change does. */
export type EnvironmentDecision =
  | { readonly to: 'refuse'; readonly reason: 'ETAG_MISMATCH' }
  /** Every value is there already: nothing is written. */
  | { readonly to: 'keep' }
  | ({ readonly to: 'write' } & ChangedEnvironment)

/** Decides about a change. `etag` is the state that the caller decided on. */
export function decideEnvironmentChange(
  before: EnvironmentRecord,
  own: OwnVariables,
  patch: EnvironmentPatch,
  etag: string | undefined,
): EnvironmentDecision {
  if (etag !== undefined && etag !== etagOf(before)) return { to: 'refuse', reason: 'ETAG_MISMATCH' }
  const name = patch.name ?? before.name
  const slugIsMade = patch.slug !== undefined && patch.slug.text === undefined
  const asked =
    patch.slug === undefined ? before.slug : (patch.slug.text ?? slugFromName(name, slugOfUnreadableNames))
  // A slug of its own name that was numbered stays: it was made the same way.
  const slug = slugIsMade && isNumbered(before.slug, asked) ? before.slug : asked
  const parentId =
    patch.parent === undefined ? before.parentId : (patch.parent.id as EnvironmentId | undefined)
  const fields = { name, slug, description: patch.description ?? before.description, parentId }
  const after = {
    variables: patch.variables ?? own.variables,
    jobOverrides: patch.jobOverrides ?? own.jobOverrides,
  }
  const names = changedNames(own, after)
  const parentMoved = parentId !== before.parentId
  const isSame =
    name === before.name && slug === before.slug && fields.description === before.description && !parentMoved
  if (isSame && names.length === 0) return { to: 'keep' }
  return {
    to: 'write',
    fields,
    own: names.length > 0 ? after : undefined,
    changedNames: names,
    parentMoved,
    slugIsMade: slugIsMade && slug !== before.slug,
  }
}

function isNumbered(slug: string, made: string): boolean {
  return slug === made || (slug.startsWith(`${made}-`) && /^[0-9]+$/.test(slug.slice(made.length + 1)))
}
