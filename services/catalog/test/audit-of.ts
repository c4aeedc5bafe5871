import type { AppBundle } from './app-bundle.ts'

/** What the audit log says of a thing, oldest first. */
export async function auditOf({ store }: Pick<AppBundle, 'store'>, resourceId: string) {
  const rows = await store.db
    .selectFrom('audit_events')
    .select(['action', 'actor', 'project_id', 'resource_type', 'before', 'after'])
    .where('resource_id', '=', resourceId)
    .orderBy('at')
    .orderBy('id')
    .execute()
  const read = (text: string | null) => (text === null ? null : (JSON.parse(text) as Record<string, unknown>))
  return rows.map(({ before, after, ...entry }) => ({ ...entry, before: read(before), after: read(after) }))
}
