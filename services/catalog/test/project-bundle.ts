import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Client } from '@connectrpc/connect'
import type { ProjectSchema } from '@strait/contracts/catalog/v1/project_pb'
import { ProjectService } from '@strait/contracts/catalog/v1/project_service_pb'
import { bootstrapDeployment } from '../src/bootstrap-deployment.ts'
import type { AppBundle } from './app-bundle.ts'

/** A new key of the deployment, and the projects called with it. */
export async function anOperator(app: AppBundle) {
  const { database, masterKey } = app.store
  const { apiKey } = await bootstrapDeployment({ databaseUrl: database.url, masterKey })
  return { token: apiKey, id: apiKey.split('_')[1] ?? '', projects: app.client(ProjectService, apiKey) }
}

/** Makes a project with a key of its own. */
export async function makeProject(
  projects: Client<typeof ProjectService>,
  fields: MessageInitShape<typeof ProjectSchema>,
) {
  const made = await projects.createProject({ project: fields, withApiKey: true })
  if (made.project === undefined) throw new Error('the answer has no project')
  return { project: made.project, token: made.token, key: made.apiKey }
}
