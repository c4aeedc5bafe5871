// What every door is asked about projects: by a key of the deployment about one of its own, and by a key of a project.

import { ProjectService } from '@strait/contracts/catalog/v1/project_service_pb'
import { expect } from 'vitest'
import { asking, ifMatch, type Row } from '../door-row.ts'

const projects = ProjectService.method

const text = expect.stringMatching(/./)

/** All of them. */
export const projectRows: readonly Row[] = [
  {
    what: 'a project, by a key of the deployment',
    ask: ({ slug }, { deploymentKey: key }) => {
      const project = { name: 'Mine', slug }
      return { ...asking(projects.createProject, { project }, 'POST /v1/projects', project), key }
    },
    status: 201,
    shows: ({ slug }) => [{ project: { slug } }, { slug, etag: 'rev_1' }],
  },
  {
    what: 'projects, by a key of the deployment',
    ask: (_, { deploymentKey: key }) => ({
      ...asking(projects.listProjects, { pageSize: 1 }, 'GET /v1/projects?page_size=1'),
      key,
    }),
    shows: ({ slug }) => [{ projects: [{ slug }] }, { projects: [{ slug }], next_page_token: text }],
  },
  {
    what: 'projects, by a key of one',
    ask: () => asking(projects.listProjects, {}, 'GET /v1/projects'),
    refused: ['permission_denied', 403, 'NOT_ALLOWED'],
  },
  {
    what: 'a project of others',
    ask: (_, { foreignProject: project }) =>
      asking(projects.getProject, { project }, `GET /v1/projects/${project}`),
    refused: ['not_found', 404, 'PROJECT_NOT_FOUND'],
  },
  {
    what: 'a project as it is',
    ask: () => asking(projects.getProject, { project: 'demo' }, 'GET /v1/projects/demo'),
    shows: () => [{ project: { slug: 'demo' } }, { slug: 'demo', paused_at: null }],
  },
  {
    what: 'a change of a project',
    ask: ({ slug: project }, { deploymentKey: key }) => ({
      ...ifMatch(
        'rev_1',
        asking(
          projects.updateProject,
          { project, patch: { name: 'New' }, updateMask: 'name' },
          `PATCH /v1/projects/${project}`,
          { name: 'New' },
        ),
      ),
      key,
    }),
    shows: () => [{ project: { name: 'New' } }, { name: 'New', etag: 'rev_2' }],
  },
  {
    what: 'a project that waits',
    ask: ({ slug: project }, { deploymentKey: key }) => ({
      ...asking(projects.pauseProject, { project }, `POST /v1/projects/${project}/pause`),
      key,
    }),
    shows: () => [{ project: { pausedAt: text } }, { paused_at: text }],
  },
  {
    what: 'a project that goes on',
    ask: ({ slug: project }, { deploymentKey: key }) => ({
      ...asking(projects.resumeProject, { project }, `POST /v1/projects/${project}/resume`),
      key,
    }),
    shows: ({ slug }) => [{ project: { slug } }, { slug, paused_at: null }],
  },
]
