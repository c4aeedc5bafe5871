import type { JobHead } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'

type JobName = Pick<JobHead, 'projectId' | 'slug'>

/** Which job a slug names, project by project: a map of maps, because a key of both would be a text more for each job. */
export function createJobSlugs() {
  const ids = new Map<string, Map<string, string>>()
  return {
    get: ({ projectId, slug }: JobName): string | undefined => ids.get(projectId)?.get(slug),
    delete: ({ projectId, slug }: JobName): void => void ids.get(projectId)?.delete(slug),
    set({ projectId, slug, id }: JobHead): void {
      const ofProject = ids.get(projectId) ?? new Map<string, string>()
      ofProject.set(slug, id)
      ids.set(projectId, ofProject)
    },
  }
}
