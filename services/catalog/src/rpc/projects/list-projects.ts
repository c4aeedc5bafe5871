import type { GetProjectRequest, ListProjectsRequest } from '@strait/contracts/catalog/v1/project_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import type { CatalogDb } from '../../store/database.ts'
import { listProjects as list } from '../../store/projects/find-projects.ts'
import { nextPageToken, readPage } from '../read-page.ts'
import { writeProject } from './project-codec.ts'
import { requireProject } from './project-ref.ts'

/** Answers a project by its id or slug. */
export function getProject({ db }: { readonly db: CatalogDb }) {
  return async ({ project }: GetProjectRequest, { caller }: Call) => ({
    project: writeProject(await requireProject(db, caller, project)),
  })
}

const theList = ['ListProjects']

/** Answers all projects, newest first, a page at a time. */
export function listProjects({ db, tokens }: { readonly db: CatalogDb; readonly tokens: PageTokens }) {
  return async (request: ListProjectsRequest) => {
    const { after, limit } = readPage(tokens, theList, request)
    const { items, next } = await list(db, after, limit)
    return { projects: items.map(writeProject), nextPageToken: nextPageToken(tokens, theList, next) }
  }
}
