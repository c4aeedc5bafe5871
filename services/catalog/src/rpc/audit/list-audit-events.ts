import type { ListAuditEventsRequest } from '@strait/contracts/catalog/v1/audit_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { type AuditFilter, readAuditFilter } from '../../domain/audit/check-list-audit.ts'
import type { Problem } from '../../domain/jobs/job-input.ts'
import type { PageTokens } from '../../domain/page-token.ts'
import { maxPageBytes } from '../../store/answer-bytes.ts'
import { listAuditEvents as list } from '../../store/audit/find-audit.ts'
import type { CatalogDb } from '../../store/database.ts'
import { readPlace } from '../read-page.ts'
import { writeAuditEvent } from './audit-event-codec.ts'

/** Answers entries of the caller's project, newest first, a page at a time. */
export function listAuditEvents({ db, tokens }: { readonly db: CatalogDb; readonly tokens: PageTokens }) {
  return async (request: ListAuditEventsRequest, { caller: { projectId } }: Call) => {
    const problems: Problem[] = []
    const filter = readAuditFilter(request, problems)
    const theList = ['ListAuditEvents', projectId, nameOf(filter)]
    const { after, limit } = readPlace(tokens, theList, request, problems)
    const [at, id] = after ?? []
    const place = at === undefined || id === undefined ? undefined : { at, id }
    const { events, next } = await list(db, projectId, {
      filter,
      after: place,
      limit,
      maxBytes: maxPageBytes,
    })
    const nextPageToken = next === undefined ? '' : tokens.write(theList, [next.at, next.id])
    return { auditEvents: events.map(writeAuditEvent), nextPageToken }
  }
}

// Every filter at its own place, so that no two sets of filters have one name.
function nameOf({ actor, action, resourceType, resourceId, from, until }: AuditFilter): string {
  return JSON.stringify([actor, action, resourceType, resourceId, from, until].map((value) => value ?? null))
}
