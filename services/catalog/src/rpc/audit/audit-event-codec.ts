import { create } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import {
  type AuditEvent as AuditEventMessage,
  AuditEventSchema,
} from '@strait/contracts/catalog/v1/audit_event_pb'
import type { AuditEvent } from '../../domain/audit/audit-event.ts'

/** Writes an entry of the audit log. What was not there is the empty text, which REST shows as null. */
export function writeAuditEvent(event: AuditEvent): AuditEventMessage {
  const { position, at, before = '', after = '', ...same } = event
  return create(AuditEventSchema, {
    ...same,
    position: BigInt(position),
    at: timestampFromMs(Date.parse(at)),
    before,
    after,
  })
}
