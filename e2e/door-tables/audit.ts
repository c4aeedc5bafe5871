// What every door is asked about the audit log, in which is what the other tables did.

import { AuditService } from '@strait/contracts/catalog/v1/audit_service_pb'
import { expect } from 'vitest'
import { asking, type Row } from '../door-row.ts'

const audit = AuditService.method

const nobodys = '01a20b00-0000-7000-8000-000000000000'
const secret = 'nobody-is-shown-this'

/** All of them. */
export const auditRows: readonly Row[] = [
  {
    what: 'what was done',
    ask: () =>
      asking(
        audit.listAuditEvents,
        { action: 'environment.deleted', pageSize: 1 },
        'GET /v1/audit-events?action=environment.deleted&page_size=1',
      ),
    shows: ({ slug }) => [
      { auditEvents: [{ before: expect.stringContaining(slug) }] },
      { audit_events: [{ before: { slug }, after: null }] },
    ],
    hides: secret,
  },
  {
    what: 'one thing that was done',
    ask: (_, { auditEvent }) =>
      asking(audit.getAuditEvent, { auditEvent }, `GET /v1/audit-events/${auditEvent}`),
    shows: () => [{ auditEvent: { resourceType: 'job' } }, { resource_type: 'job', before: null }],
  },
  {
    what: 'one thing that nobody did',
    ask: () => asking(audit.getAuditEvent, { auditEvent: nobodys }, `GET /v1/audit-events/${nobodys}`),
    refused: ['not_found', 404, 'AUDIT_EVENT_NOT_FOUND', 'audit_event'],
  },
  {
    what: 'whether what is told is what was done',
    ask: () => asking(audit.verifyAudit, {}, 'POST /v1/audit-events/verify', {}),
    shows: () => [{ intact: true }, { intact: true, problem: '' }],
  },
  {
    what: 'what was done, by a key without the scope',
    ask: (_, { weakKey: key }) => ({ ...asking(audit.listAuditEvents, {}, 'GET /v1/audit-events'), key }),
    refused: ['permission_denied', 403, 'NOT_ALLOWED'],
  },
]
