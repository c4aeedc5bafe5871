// Whether a project may be stored, or changed, as it was given: every problem is found at once. What the deployment allows is an
// argument, and whether a slug is free is for the database to decide.

import { checkMask } from '../check-mask.ts'
import { checkChosenSlug, checkName, type WantedSlug, wantedSlug } from '../check-name-and-slug.ts'
import type { Checked } from '../checked.ts'
import type { Problem, Say } from '../jobs/job-input.ts'
import { checkEgressAllow, type EntryCheck } from './check-egress-allow.ts'
import type { ProjectFields } from './project.ts'

/** A project as its creator gave it. */
export interface ProjectInput {
  readonly name: string
  readonly slug: string | undefined
  readonly egressAllow: readonly string[]
}

/** A project that may be stored, but for its slug, which may be taken. */
export interface NewProject extends Omit<ProjectFields, 'slug'> {
  readonly slug: WantedSlug
}

/** What shall be another than it is; what is absent stays. */
export interface ProjectPatch {
  readonly name?: string
  readonly egressAllow?: readonly string[]
  /** `chosen` is undefined for one made from the name. */
  readonly slug?: { readonly chosen: string | undefined }
}

/** The slug of projects whose names leave nothing to read. */
export const slugOfUnreadableProjects = 'project'

/** Checks a new project and fills in its defaults, or names everything that is wrong with it. */
export function checkNewProject(
  input: ProjectInput | undefined,
  checkEntry: EntryCheck,
): Checked<NewProject> {
  if (input === undefined) return { ok: false, problems: [{ field: 'project', description: 'is required' }] }
  const problems: Problem[] = []
  const say: Say = (field, description) => problems.push({ field: `project.${field}`, description })
  const { name, slug } = input
  checkName(name, say)
  checkChosenSlug(slug, say)
  const egressAllow = checkEgressAllow(input.egressAllow, checkEntry, say)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, value: { name, egressAllow, slug: wantedSlug(slug, name, slugOfUnreadableProjects) } }
}

/** Reads a change, or names everything that is wrong with it. `known` are the fields that the schema has. */
export function checkProjectPatch(
  { patch, mask }: { readonly patch: ProjectInput | undefined; readonly mask: readonly string[] | undefined },
  checkEntry: EntryCheck,
  known: ReadonlySet<string>,
): Checked<ProjectPatch> {
  const named = checkMask(mask, { known, what: 'a project' })
  const problems: Problem[] = [...named.problems]
  const say: Say = (field, description) => problems.push({ field: `patch.${field}`, description })
  if (patch === undefined)
    return { ok: false, problems: [...problems, { field: 'patch', description: 'is required' }] }
  const { paths } = named
  const { name, slug } = patch
  if (paths.has('name')) checkName(name, say)
  if (paths.has('slug')) checkChosenSlug(slug, say)
  // Only a list that shall change is held against what the deployment allows today.
  const egressAllow = paths.has('egress_allow')
    ? checkEgressAllow(patch.egressAllow, checkEntry, say)
    : undefined
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    value: {
      ...(paths.has('name') && { name }),
      ...(egressAllow !== undefined && { egressAllow }),
      ...(paths.has('slug') && { slug: { chosen: slug } }),
    },
  }
}
