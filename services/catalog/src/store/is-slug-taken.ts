/** Whether a statement failed because something else of the project has the slug: the one unique index of `slug` says so. */
export function isSlugTaken(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23505') return false
  return 'constraint' in error && /_slugs_are_unique_in_a_project$/.test(String(error.constraint))
}
