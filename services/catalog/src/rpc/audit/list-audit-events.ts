import type { ListAuditEventsRequest } from '@strait/contracts/catalog/v1/audit_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { type AuditFilter, readAuditFilter } from '../../domain/audit/check-list-audit.ts'
import type { Problem } from '../../domain/jobs/job-input.ts'
import type { PageTokens } from '../../domain/page-token.ts'
import { type AuditPlace, listAuditEvents as list } from '../../store/audit/find-audit.ts'
import type { CatalogDb } from '../../store/database.ts'
import { writeAuditEvent } from './audit-event-codec.ts'

const defaultPageSize = 50
const maxPageSize = 250
const maxPageBytes = 8 * 1024 * 1024

/** Answers entries of the caller's project, newest first, a page at a time. */
export function listAuditEvents({ db, tokens }: { readonly db: CatalogDb; readonly tokens: PageTokens }) {
  return async (request: ListAuditEventsRequest, { caller: { projectId } }: Call) => {
    const { pageSize, pageToken } = request
    const problems: Problem[] = []
    const filter = readAuditFilter(request, problems)
    const theList = ['ListAuditEvents', projectId, nameOf(filter)]
    const [at, id] = pageToken === '' ? [] : (tokens.read(theList, pageToken) ?? [])
    const after: AuditPlace | undefined = at === undefined || id === undefined ? undefined : { at, id }
    if (pageToken !== '' && after === undefined)
      problems.push({
        field: 'page_token',
        description: 'is no next_page_token of this list under these filters',
      })
    if (pageSize < 0 || pageSize > maxPageSize)
      problems.push({ field: 'page_size', description: `must be 1 to ${maxPageSize}, not ${pageSize}` })
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)

    const limit = pageSize === 0 ? defaultPageSize : pageSize
    const { events, next } = await list(db, projectId, { filter, after, limit, maxBytes: maxPageBytes })
    const nextPageToken = next === undefined ? '' : tokens.write(theList, [next.at, next.id])
    return { auditEvents: events.map(writeAuditEvent), nextPageToken }
  }
}

// Every filter at its own place, so that no two sets of filters have one name.
function nameOf({ actor, action, resourceType, resourceId, from, until }: AuditFilter): string {
  return JSON.stringify([actor, action, resourceType, resourceId, from, until].map((value) => value ?? null))
}
