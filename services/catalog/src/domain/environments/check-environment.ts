// Whether an environment may be stored as it was given: every problem is found at once. Pure: which environments there are is for the
// store to say, and whether a parent may be one is decided under its lock (check-line.ts).

import { isUuid } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import type { TargetProblem } from '../jobs/check-call.ts'
import type { Problem } from '../jobs/job-input.ts'
import { textProblem } from '../text-rules.ts'
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
const maxPathsNamed = 20

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

/** Reads a change, or names everything that is wrong with it. `outputOnly` are fields that are read past. */
export function checkEnvironmentPatch(
  input: EnvironmentInput | undefined,
  mask: readonly string[] | undefined,
  outputOnly: ReadonlySet<string>,
  context: CheckContext,
): Checked<EnvironmentPatch> {
  const problems: Problem[] = []
  const paths = new Set(mask)
  if (input === undefined) problems.push({ field: 'patch', description: 'is required' })
  if (mask === undefined)
    problems.push({
      field: 'update_mask',
      description: `is required: which of ${changeable.join(', ')} to change`,
    })
  const unknown = [...paths].filter(
    (path) => !outputOnly.has(path) && path !== 'project_id' && !isChangeable(path),
  )
  for (const path of unknown.slice(0, maxPathsNamed))
    problems.push({
      field: 'update_mask',
      description: `${JSON.stringify(path.slice(0, 40))} is no field of an environment`,
    })
  if (input === undefined) return { ok: false, problems }
  const checked = checkFields('patch', input, paths, context)
  if (!checked.ok) return { ok: false, problems: [...problems, ...checked.problems] }
  return problems.length > 0 ? { ok: false, problems } : checked
}

function checkFields(
  root: string,
  input: EnvironmentInput,
  named: ReadonlySet<string>,
  { projectId, targetProblem }: CheckContext,
): Checked<EnvironmentPatch> {
  const problems: Problem[] = []
  const sayPath = (field: string, description: string) => void problems.push({ field, description })
  const say = (field: FieldName | 'project_id', description: string | undefined) => {
    if (description !== undefined) sayPath(`${root}.${field}`, description)
  }
  const has = (field: FieldName) => named.has(field)
  const { name, slug, description = '', parentId, own } = input
  if (input.projectId !== undefined && input.projectId.toLowerCase() !== projectId)
    say('project_id', 'is another project than the one of the key; leave it out')
  if (has('name')) say('name', environmentNameProblem(name))
  if (has('slug') && slug !== undefined) {
    const check = checkSlug(slug)
    say('slug', check.ok ? undefined : check.reason)
  }
  if (has('description')) say('description', textProblem(description, 0, 4_096))
  if (has('parent_id') && parentId !== undefined)
    say('parent_id', isUuid(parentId) ? undefined : 'must be the id of an environment, a UUID')
  if (has('variables')) checkVariables(`${root}.variables`, own.variables, targetProblem, sayPath)
  if (has('job_overrides'))
    checkJobOverrides(`${root}.job_overrides`, own.jobOverrides, targetProblem, sayPath)
  if (problems.length === 0) {
    const given = {
      variables: has('variables') ? own.variables : noVariables.variables,
      jobOverrides: has('job_overrides') ? own.jobOverrides : noVariables.jobOverrides,
    }
    say(has('variables') ? 'variables' : 'job_overrides', totalProblem(given))
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

function environmentNameProblem(name: string): string | undefined {
  const problem = name === '' ? 'is required' : textProblem(name, 1, 255)
  return problem ?? (name.trim() === '' ? 'must not be blank' : undefined)
}

/** A job without variables says nothing, so it is not kept: equal variables have one form. */
function withoutEmpty(overrides: OwnVariables['jobOverrides']): OwnVariables['jobOverrides'] {
  return new Map([...overrides].filter(([, own]) => own.size > 0))
}

function isChangeable(path: string): path is FieldName {
  return changeable.some((field) => field === path)
}
