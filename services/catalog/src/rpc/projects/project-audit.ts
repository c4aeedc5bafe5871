import { ProjectSchema } from '@strait/contracts/catalog/v1/project_pb'
import type { Project } from '../../domain/projects/project.ts'
import type { ThingChange } from '../../events.ts'
import { entriesOf } from '../audit-entry.ts'
import { auditText } from '../audit-text.ts'
import { writeProject } from './project-codec.ts'

/** The entry of a change of a project for the audit log. */
export const projectAudit = entriesOf<Exclude<ThingChange, 'deleted'>, Project>(
  'project',
  (project) => project.id,
  (project) => auditText(ProjectSchema, writeProject(project)),
)
