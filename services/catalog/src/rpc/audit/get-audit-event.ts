import type { GetAuditEventRequest } from '@strait/contracts/catalog/v1/audit_service_pb'
import { isUuid } from '@strait/domain/ids'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { findAuditEvent } from '../../store/audit/find-audit.ts'
import type { CatalogDb } from '../../store/database.ts'
import { writeAuditEvent } from './audit-event-codec.ts'

/** Answers one entry of the caller's project. */
export function getAuditEvent({ db }: { readonly db: CatalogDb }) {
  return async ({ auditEvent: id }: GetAuditEventRequest, { caller: { projectId } }: Call) => {
    if (id === '') throw refuseFields('FIELD_INVALID', [{ field: 'audit_event', description: 'is required' }])
    const event = isUuid(id) ? await findAuditEvent(db, projectId, id) : undefined
    if (event === undefined)
      throw new Refusal('AUDIT_EVENT_NOT_FOUND', "the project's audit log has no such entry", {
        violations: [{ field: 'audit_event', description: 'names no entry of this project' }],
      })
    return { auditEvent: writeAuditEvent(event) }
  }
}
