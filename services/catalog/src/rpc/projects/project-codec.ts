// The Project message and the project, in both directions.

import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type Project as ProjectMessage, ProjectSchema } from '@strait/contracts/catalog/v1/project_pb'
import { etagOf } from '../../domain/etag.ts'
import type { ProjectInput } from '../../domain/projects/check-project.ts'
import type { Project, ProjectFields } from '../../domain/projects/project.ts'

/** The names of all fields of a project. */
export const projectFields: ReadonlySet<string> = new Set(ProjectSchema.fields.map((field) => field.name))

/** Reads a project as its creator gave it; what only the catalog may say is ignored. */
export function readProject({ name, slug, egressAllow }: ProjectMessage): ProjectInput {
  return { name, slug, egressAllow }
}

/** Writes a stored project. */
export function writeProject(project: Project): ProjectMessage {
  return create(ProjectSchema, {
    ...fieldsOf(project),
    id: project.id,
    etag: etagOf(project),
    pausedAt: project.pausedAt && timestampFromDate(project.pausedAt),
    createdBy: project.createdBy,
    createdAt: timestampFromDate(project.createdAt),
    updatedBy: project.updatedBy,
    updatedAt: timestampFromDate(project.updatedAt),
  })
}

/** Writes a project that was checked and not stored. */
export function writeUnstoredProject(project: ProjectFields): ProjectMessage {
  return create(ProjectSchema, fieldsOf(project))
}

function fieldsOf({ name, slug, egressAllow }: ProjectFields): MessageInitShape<typeof ProjectSchema> {
  return { name, slug, egressAllow: [...egressAllow] }
}
