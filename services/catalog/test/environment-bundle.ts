import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Client } from '@connectrpc/connect'
import type { Environment, EnvironmentSchema } from '@strait/contracts/catalog/v1/environment_pb'
import { EnvironmentService } from '@strait/contracts/catalog/v1/environment_service_pb'
import { type AppBundle, anotherProject, openApp } from './app-bundle.ts'
import { dump } from './spawned-catalog.ts'

/** The fields of an environment, as far as they are given. */
export type Fields = MessageInitShape<typeof EnvironmentSchema>

type Environments = Client<typeof EnvironmentService>

/** A catalog with clients for the environments of two projects. */
export interface EnvironmentBundle extends AppBundle {
  readonly environments: Environments
  readonly theirs: Environments
  readonly theirProject: string
  /** Makes an environment in the demo project. */
  make(over?: Fields): Promise<Environment>
  /** Changes the fields that are given, or those that are named. */
  update(environment: string, patch: Fields, paths?: readonly string[], etag?: string): Promise<Environment>
  /** All rows as text, of the audit log their number: its entries are chained meanwhile. */
  rows(): Promise<string>
  /** The values that hold, as another service gets them. */
  values(id: string): Promise<{
    readonly revision: string
    readonly variables: Readonly<Record<string, string>>
    readonly jobOverrides: Readonly<Record<string, Readonly<Record<string, string>>>>
  }>
}

/** Opens a catalog with two projects. */
export async function openEnvironments(env: Record<string, string> = {}): Promise<EnvironmentBundle> {
  const app = await openApp(env)
  const other = await anotherProject(app, 'neighbour')
  const environments = app.client(EnvironmentService, app.store.apiKey)
  return {
    ...app,
    environments,
    theirs: app.client(EnvironmentService, other.apiKey),
    theirProject: other.projectId,
    async make(over = {}) {
      const { environment } = await environments.createEnvironment({ environment: { name: 'Test', ...over } })
      return there(environment)
    },
    async update(environment, patch, paths = Object.keys(patch).map(snake), etag) {
      const updateMask = { paths: [...paths] }
      const request = { environment, patch, updateMask, ...(etag !== undefined && { etag }) }
      return there((await environments.updateEnvironment(request)).environment)
    },
    async rows() {
      const lines = (await dump(app.store)).split('\n')
      const others = lines.filter((line) => !line.startsWith('audit_'))
      const { count } = await app.store.db
        .selectFrom('audit_events')
        .select(({ fn }) => fn.countAll().as('count'))
        .executeTakeFirstOrThrow()
      return [...others, `audit_events ${count}`].join('\n')
    },
    async values(id) {
      const [found] = (await app.internal.getEnvironmentValues({ ids: [id] })).environments
      if (found?.found !== true) throw new Error(`there is no environment ${id}`)
      const overrides = Object.entries(found.jobOverrides)
      const jobOverrides = Object.fromEntries(overrides.map(([slug, own]) => [slug, own.variables]))
      return { revision: found.revision, variables: found.variables, jobOverrides }
    },
  }
}

function there(environment: Environment | undefined): Environment {
  if (environment === undefined) throw new Error('the answer has no environment')
  return environment
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
