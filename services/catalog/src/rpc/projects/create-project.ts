// CreateProject: the project, its data key, its environments and, if wanted, its first key are stored together or not at all.

import type { CreateProjectRequest } from '@strait/contracts/catalog/v1/project_service_pb'
import { adminScope } from '@strait/contracts/scopes'
import { newUuidv7, type ProjectId } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { formatApiKey, hashApiKeySecret } from '../../domain/keys/api-key.ts'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import { checkNewProject } from '../../domain/projects/check-project.ts'
import type { Project } from '../../domain/projects/project.ts'
import { newApiKey } from '../../new-api-key.ts'
import { createProjectIfSlugIsFree } from '../../store/projects/create-project.ts'
import { type MasterKey, newDataKey } from '../../store/secrets/secret-box.ts'
import { writeApiKey } from '../keys/api-key-codec.ts'
import { keyAudit } from '../keys/key-audit.ts'
import { previewSlug, underFreeSlug } from '../under-free-slug.ts'
import { projectAudit } from './project-audit.ts'
import { readProject, writeProject, writeUnstoredProject } from './project-codec.ts'
import { type ProjectDeps, placeOfSlug } from './project-ref.ts'

/** What creating a project needs. */
export type CreateProjectDeps = ProjectDeps & { readonly masterKey: MasterKey }

/** Makes a project. The text of its first key is in the answer and nowhere else. */
export function createProject({ db, checkEntry, changed, masterKey }: CreateProjectDeps) {
  return async (request: CreateProjectRequest, { caller: { actor: by }, signal }: Call) => {
    const checked = checkNewProject(request.project && readProject(request.project), checkEntry)
    if (!checked.ok) throw refuseFields('FIELD_INVALID', checked.problems)
    const { slug: wanted, ...fields } = checked.value
    const place = placeOfSlug(db, 'project')
    if (request.validateOnly)
      return { project: writeUnstoredProject({ ...fields, slug: await previewSlug(place, wanted) }) }

    const id = newUuidv7<ProjectId>()
    const audit = (after: Project) => projectAudit('created', by, { after })
    const rest = { ...fields, id, dataKey: newDataKey(masterKey, id), createdBy: by, audit }
    const first = request.withApiKey ? firstKey(by) : undefined
    const { project, key } = await underFreeSlug(place, wanted, signal, (slug) =>
      createProjectIfSlugIsFree(db, { ...rest, slug }, first?.row),
    )
    await changed('created', project, by)
    return {
      project: writeProject(project),
      ...(key && { apiKey: writeApiKey(key), token: first?.token ?? '' }),
    }
  }
}

function firstKey(actor: string) {
  const key = newApiKey()
  const row = {
    id: key.id,
    secretHash: hashApiKeySecret(key.secret),
    name: 'first key',
    scopes: [adminScope],
    expiresAt: undefined,
    audit: (stored: ApiKeyRecord) => keyAudit('created', actor, { after: stored }),
  }
  return { row, token: formatApiKey(key) }
}
