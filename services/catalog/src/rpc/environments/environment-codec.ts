// The Environment message and the environment. Values go in and never out: what is written has the names alone.

import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type Environment, EnvironmentSchema } from '@strait/contracts/catalog/v1/environment_pb'
import type { EnvironmentInput } from '../../domain/environments/check-environment.ts'
import type {
  EnvironmentFields,
  EnvironmentRecord,
  VariableNames,
} from '../../domain/environments/environment-record.ts'
import { etagOf } from '../../domain/etag.ts'

/** The names of all fields of an environment. */
export const environmentFields: ReadonlySet<string> = new Set(
  EnvironmentSchema.fields.map((field) => field.name),
)

/** Reads an environment as its owner gave it. */
export function readEnvironment(environment: Environment): EnvironmentInput {
  const { projectId, name, slug, description, parentId, variables, jobOverrides } = environment
  return {
    projectId: projectId === '' ? undefined : projectId,
    name,
    slug,
    description,
    parentId,
    own: {
      variables: readVariables(variables),
      jobOverrides: new Map(
        Object.entries(jobOverrides).map(([job, own]) => [job, readVariables(own.variables)]),
      ),
    },
  }
}

/** Reads a map of variables. */
export function readVariables(variables: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(variables))
}

/** Writes a stored environment. */
export function writeEnvironment(environment: EnvironmentRecord): Environment {
  return create(EnvironmentSchema, {
    ...writeFields(environment),
    ...writeNames(environment.names),
    id: environment.id,
    projectId: environment.projectId,
    revision: environment.variablesRevision,
    etag: etagOf(environment),
    createdBy: environment.createdBy,
    createdAt: timestampFromDate(environment.createdAt),
    updatedBy: environment.updatedBy,
    updatedAt: timestampFromDate(environment.updatedAt),
  })
}

/** Writes an environment that was checked and not stored: what has no id has no etag and no times. */
export function writeUnstoredEnvironment(
  fields: EnvironmentFields,
  names: VariableNames,
  projectId: string,
): Environment {
  return create(EnvironmentSchema, { ...writeFields(fields), ...writeNames(names), projectId })
}

function writeFields({ name, slug, description, parentId }: EnvironmentFields) {
  return { name, slug, description, parentId }
}

function writeNames({ variables, jobOverrides }: VariableNames) {
  const overrides = [...jobOverrides].map(([job, names]): [string, { names: string[] }] => [
    job,
    { names: [...names] },
  ])
  return { variableNames: [...variables], jobOverrideNames: Object.fromEntries(overrides) }
}
