import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { ProjectSchema } from '@strait/contracts/catalog/v1/project_pb'
import type { AuditEntry } from '../../store/audit/record-audit.ts'
import { auditText } from '../audit-text.ts'

/** What the audit log says of a project that was made just now, as it is shown. */
export function projectMadeAudit(made: {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly madeAt: Date
  readonly actor: string
}): AuditEntry {
  const { id, slug, name, madeAt, actor } = made
  const at = timestampFromDate(madeAt)
  const etag = 'rev_1'
  const project = create(ProjectSchema, {
    id,
    slug,
    name,
    etag,
    createdBy: actor,
    createdAt: at,
    updatedBy: actor,
    updatedAt: at,
  })
  return {
    projectId: id,
    actor,
    action: 'project.created',
    resourceId: id,
    before: undefined,
    after: auditText(ProjectSchema, project),
  }
}
