// What every door is asked about groups, each about one of its own; what one row changes the next one meets.

import { JobGroupService } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { expect } from 'vitest'
import { asking, ifMatch, type Row } from '../door-row.ts'

const groups = JobGroupService.method

const text = expect.stringMatching(/./)
const describing = { patch: { description: 'new' }, updateMask: 'description' }
const restDescribing = { description: 'new' }

/** All of them. */
export const groupRows: readonly Row[] = [
  {
    what: 'a group',
    ask: ({ slug }) =>
      asking(groups.createJobGroup, { jobGroup: { name: 'Mine', slug } }, 'POST /v1/job-groups', {
        name: 'Mine',
        slug,
      }),
    status: 201,
    shows: ({ slug }) => [{ jobGroup: { slug, etag: 'rev_1' } }, { slug, etag: 'rev_1', paused_at: null }],
  },
  {
    what: 'a group as it is',
    ask: ({ slug: group }) => asking(groups.getJobGroup, { group }, `GET /v1/job-groups/${group}`),
    shows: ({ slug }) => [{ jobGroup: { slug } }, { slug }],
  },
  {
    what: 'groups',
    ask: () => asking(groups.listJobGroups, { pageSize: 1 }, 'GET /v1/job-groups?page_size=1'),
    shows: ({ slug }) => [
      { jobGroups: [{ slug }] },
      { job_groups: [{ slug }], next_page_token: expect.any(String) },
    ],
  },
  {
    what: 'a change of a group',
    ask: ({ slug: group }) =>
      ifMatch(
        'rev_1',
        asking(
          groups.updateJobGroup,
          { group, ...describing },
          `PATCH /v1/job-groups/${group}`,
          restDescribing,
        ),
      ),
    shows: () => [{ jobGroup: { description: 'new', etag: 'rev_2' } }, { description: 'new', etag: 'rev_2' }],
  },
  {
    what: 'a group that waits',
    ask: ({ slug: group }) => asking(groups.pauseJobGroup, { group }, `POST /v1/job-groups/${group}/pause`),
    shows: () => [{ jobGroup: { pausedAt: text } }, { paused_at: text }],
  },
  {
    what: 'a group that goes on',
    ask: ({ slug: group }) => asking(groups.resumeJobGroup, { group }, `POST /v1/job-groups/${group}/resume`),
    shows: ({ slug }) => [{ jobGroup: { slug } }, { slug, paused_at: null }],
  },
  {
    what: 'how a group stands',
    ask: ({ slug: group }) => asking(groups.getJobGroupStats, { group }, `GET /v1/job-groups/${group}/stats`),
  },
  {
    what: 'the end of a group that was changed meanwhile',
    ask: ({ slug: group }) =>
      ifMatch('rev_1', asking(groups.deleteJobGroup, { group }, `DELETE /v1/job-groups/${group}`)),
    refused: ['aborted', 412, 'ETAG_MISMATCH', 'etag'],
  },
  {
    what: 'the end of a group',
    ask: ({ slug: group }) => asking(groups.deleteJobGroup, { group }, `DELETE /v1/job-groups/${group}`),
    shows: ({ slug }) => [{ jobGroup: { slug } }, { slug }],
  },
  {
    what: 'a group that is gone',
    ask: ({ slug: group }) => asking(groups.getJobGroup, { group }, `GET /v1/job-groups/${group}`),
    refused: ['not_found', 404, 'JOB_GROUP_NOT_FOUND'],
  },
]
