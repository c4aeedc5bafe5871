// Whether an environment may be stored as it was given: every problem is found at once. Pure: which environments there are is for the
// store to say, and whether a parent may be one is decided under its lock (check-line.ts).

import { isUuid } from '@strait/domain/ids'
import { checkMask } from '../check-mask.ts'
import { checkChosenSlug, checkDescription, checkName } from '../check-name-and-slug.ts'
import { checkProjectId } from '../check-project-id.ts'
import type { TargetProblem } from '../jobs/check-call.ts'
import type { Problem } from '../jobs/job-input.ts'
import { checkJobOverrides, checkVariables, totalProblem } from './check-variables.ts'
import { noVariables, type OwnVariables } from './variables.ts'

/** An environment as its creator gave it; what was left out is undefined. */
export interface EnvironmentInput {
  readonly projectId: string | undefined
  readonly name: string
  readonly slug: string | undefined
  readonly description: string | undefined
  readonly parentId: string | undefined
  readonly own: OwnVariables
}

/** What is checked of an environment, with the fields that a change does not name left out. */
export interface EnvironmentPatch {
  readonly name?: string
  /** `text` is undefined for the one that the name makes. */
  readonly slug?: { readonly text: string | undefined }
  readonly description?: string
  /** `id` is undefined for none. */
  readonly parent?: { readonly id: string | undefined }
  readonly variables?: OwnVariables['variables']
  readonly jobOverrides?: OwnVariables['jobOverrides']
}

/** What came of a check. */
export type Checked<T> =
  | { readonly ok: true; readonly patch: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** What the check needs to know besides. */
export interface CheckContext {
  readonly projectId: string
  readonly targetProblem: TargetProblem
}

type FieldName = 'name' | 'slug' | 'description' | 'parent_id' | 'variables' | 'job_overrides'

const changeable: readonly FieldName[] = [
  'name',
  'slug',
  'description',
  'parent_id',
  'variables',
  'job_overrides',
]

/** Checks a new environment, or names everything that is wrong with it. */
export function checkNewEnvironment(
  input: EnvironmentInput | undefined,
  context: CheckContext,
): Checked<Required<EnvironmentPatch>> {
  if (input === undefined)
    return { ok: false, problems: [{ field: 'environment', description: 'is required' }] }
  const checked = checkFields('environment', input, new Set(changeable), context)
  // Every field was asked for, so every field is there.
  return checked as Checked<Required<EnvironmentPatch>>
}

/** Reads a change, or names everything that is wrong with it. `known` are the fields that the schema has. */
export function checkEnvironmentPatch(
  input: EnvironmentInput | undefined,
  mask: readonly string[] | undefined,
  known: ReadonlySet<string>,
  context: CheckContext,
): Checked<EnvironmentPatch> {
  const { paths, problems: inMask } = checkMask(mask, { known, what: 'an environment' })
  if (input === undefined)
    return { ok: false, problems: [{ field: 'patch', description: 'is required' }, ...inMask] }
  const checked = checkFields('patch', input, paths, context)
  if (!checked.ok) return { ok: false, problems: [...inMask, ...checked.problems] }
  return inMask.length > 0 ? { ok: false, problems: inMask } : checked
}

function checkFields(
  root: string,
  input: EnvironmentInput,
  named: ReadonlySet<string>,
  { projectId, targetProblem }: CheckContext,
): Checked<EnvironmentPatch> {
  const problems: Problem[] = []
  const sayPath = (field: string, description: string) => void problems.push({ field, description })
  const say = (field: string, description: string) => sayPath(`${root}.${field}`, description)
  const has = (field: FieldName) => named.has(field)
  const { name, slug, description = '', parentId, own } = input
  checkProjectId(input.projectId, projectId, say)
  if (has('name')) checkName(name, say)
  if (has('slug')) checkChosenSlug(slug, say)
  if (has('description')) checkDescription(description, say)
  if (has('parent_id') && parentId !== undefined && !isUuid(parentId))
    say('parent_id', 'must be the id of an environment, a UUID')
  if (has('variables')) checkVariables(`${root}.variables`, own.variables, targetProblem, sayPath)
  if (has('job_overrides'))
    checkJobOverrides(`${root}.job_overrides`, own.jobOverrides, targetProblem, sayPath)
  if (problems.length === 0) {
    const given = {
      variables: has('variables') ? own.variables : noVariables.variables,
      jobOverrides: has('job_overrides') ? own.jobOverrides : noVariables.jobOverrides,
    }
    const total = totalProblem(given)
    if (total !== undefined) say(has('variables') ? 'variables' : 'job_overrides', total)
  }
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    patch: {
      ...(has('name') && { name }),
      ...(has('slug') && { slug: { text: slug } }),
      ...(has('description') && { description }),
      ...(has('parent_id') && { parent: { id: parentId?.toLowerCase() } }),
      ...(has('variables') && { variables: own.variables }),
      ...(has('job_overrides') && { jobOverrides: withoutEmpty(own.jobOverrides) }),
    },
  }
}

/** A job without variables says nothing, so it is not kept: equal variables have one form. */
function withoutEmpty(overrides: OwnVariables['jobOverrides']): OwnVariables['jobOverrides'] {
  return new Map([...overrides].filter(([, own]) => own.size > 0))
}
