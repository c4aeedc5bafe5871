import type pg from 'pg'

/** Removes a role of a test with all it owns in the connected database. */
export async function dropRole(admin: pg.Pool, role: string): Promise<void> {
  const found = await admin.query('select from pg_roles where rolname = $1', [role])
  if (found.rowCount === 0) return
  await admin.query(`drop owned by ${role} cascade`)
  await admin.query(`drop role ${role}`)
}
