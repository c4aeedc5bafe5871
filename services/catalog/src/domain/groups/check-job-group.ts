// Whether a group may be stored, or changed, as it was given: every problem is found at once. Whether a slug is free is for the
// database to decide.

import { checkMask } from '../check-mask.ts'
import {
  checkChosenSlug,
  checkDescription,
  checkName,
  type WantedSlug,
  wantedSlug,
} from '../check-name-and-slug.ts'
import { checkProjectId } from '../check-project-id.ts'
import type { Checked } from '../checked.ts'
import type { Problem, Say } from '../jobs/job-input.ts'
import type { JobGroupFields } from './job-group.ts'

/** A group as its creator gave it; what was left out is undefined, an empty text where the message has no other way to say so. */
export interface JobGroupInput {
  readonly projectId: string
  readonly name: string
  readonly slug: string | undefined
  readonly description: string | undefined
}

/** A group that may be stored, but for its slug, which may be taken. */
export interface NewJobGroup extends Omit<JobGroupFields, 'slug'> {
  readonly slug: WantedSlug
}

/** What shall be another than it is; what is absent stays. */
export interface JobGroupPatch {
  readonly name?: string
  readonly description?: string
  /** `chosen` is undefined for one made from the name. */
  readonly slug?: { readonly chosen: string | undefined }
}

/** The slug of groups whose names leave nothing to read. */
export const slugOfUnreadableGroups = 'group'

/** Checks a new group and fills in its defaults, or names everything that is wrong with it. */
export function checkNewJobGroup(
  input: JobGroupInput | undefined,
  ownProjectId: string,
): Checked<NewJobGroup> {
  if (input === undefined)
    return { ok: false, problems: [{ field: 'job_group', description: 'is required' }] }
  const problems: Problem[] = []
  const say: Say = (field, description) => problems.push({ field: `job_group.${field}`, description })
  const { name, slug, description = '' } = input
  checkProjectId(input.projectId, ownProjectId, say)
  checkName(name, say)
  checkChosenSlug(slug, say)
  checkDescription(description, say)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, value: { name, description, slug: wantedSlug(slug, name, slugOfUnreadableGroups) } }
}

/** Reads a change, or names everything that is wrong with it. `known` are the fields that the schema has. */
export function checkJobGroupPatch(
  {
    patch,
    mask,
  }: { readonly patch: JobGroupInput | undefined; readonly mask: readonly string[] | undefined },
  ownProjectId: string,
  known: ReadonlySet<string>,
): Checked<JobGroupPatch> {
  const named = checkMask(mask, { known, what: 'a job group' })
  const problems: Problem[] = [...named.problems]
  const say: Say = (field, description) => problems.push({ field: `patch.${field}`, description })
  if (patch === undefined) problems.push({ field: 'patch', description: 'is required' })
  const { paths } = named
  const { name = '', slug, description = '' } = patch ?? {}
  if (patch !== undefined) {
    if (paths.has('project_id')) checkProjectId(patch.projectId, ownProjectId, say)
    if (paths.has('name')) checkName(name, say)
    if (paths.has('slug')) checkChosenSlug(slug, say)
    if (paths.has('description')) checkDescription(description, say)
  }
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    value: {
      ...(paths.has('name') && { name }),
      ...(paths.has('description') && { description }),
      ...(paths.has('slug') && { slug: { chosen: slug } }),
    },
  }
}
