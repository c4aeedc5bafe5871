import { AuditService } from '@strait/contracts/catalog/v1/audit_service_pb'
import { type RpcService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import type { CatalogDb } from '../../store/database.ts'
import { getAuditEvent } from './get-audit-event.ts'
import { listAuditEvents } from './list-audit-events.ts'
import { verifyAudit } from './verify-audit.ts'

/** The audit log, as its project reads it. Nothing writes it from outside. */
export function auditService(deps: { readonly db: CatalogDb; readonly tokens: PageTokens }): RpcService {
  return rpcService(AuditService, {
    listAuditEvents: listAuditEvents(deps),
    getAuditEvent: getAuditEvent(deps),
    verifyAudit: verifyAudit({ db: deps.db }),
  })
}
