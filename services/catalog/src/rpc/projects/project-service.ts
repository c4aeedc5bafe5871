import { ProjectService } from '@strait/contracts/catalog/v1/project_service_pb'
import { type RpcService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import { type CreateProjectDeps, createProject } from './create-project.ts'
import { getProject, listProjects } from './list-projects.ts'
import { pauseProject } from './pause-project.ts'
import { updateProject } from './update-project.ts'

/** The projects of the deployment. */
export function projectService(deps: CreateProjectDeps & { readonly tokens: PageTokens }): RpcService {
  return rpcService(ProjectService, {
    createProject: createProject(deps),
    getProject: getProject(deps),
    listProjects: listProjects(deps),
    updateProject: updateProject(deps),
    pauseProject: pauseProject(deps, true),
    resumeProject: pauseProject(deps, false),
  })
}
