// What every door is asked about jobs and their versions. Each door has a job of its own, and its rows are in order: what one changes
// the next one meets.

import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { expect } from 'vitest'
import { asking, ifMatch, invalid, type Row } from '../door-row.ts'

const { listJobs, updateJob, deleteJob, enableJob, disableJob, pauseJob, resumeJob, cloneJob } =
  JobService.method
const { listJobVersions, getJobVersion, diffJobVersions, rollbackJob, batchCreateJobs, batchUpdateJobs } =
  JobService.method

const endpoint = 'https://example.com/door'

const toCustom: Row['ask'] = ({ slug: job, versionId }) =>
  ifMatch(
    versionId,
    asking(
      updateJob,
      {
        job,
        patch: { retryStrategy: 'RETRY_STRATEGY_CUSTOM', retryDelaysSecs: [5] },
        updateMask: 'retryStrategy,retryDelaysSecs',
      },
      `PATCH /v1/jobs/${job}`,
      { retry_strategy: 'custom', retry_delays_secs: [5] },
    ),
  )

const states = [
  ['a job at rest', disableJob, 'disable', { enabled: false }, { enabled: false }],
  ['a job that is called again', enableJob, 'enable', { enabled: true }, { enabled: true }],
  [
    'a job that waits',
    pauseJob,
    'pause',
    { pausedAt: expect.any(String) },
    { paused_at: expect.any(String) },
  ],
  ['a job that goes on', resumeJob, 'resume', {}, { paused_at: null }],
] as const

/** All of them. */
export const jobRows: readonly Row[] = [
  {
    what: 'a change of a job that nobody else changed',
    ask: toCustom,
    shows: () => [
      { job: { version: 2, retryStrategy: 'RETRY_STRATEGY_CUSTOM', retryDelaysSecs: [5] } },
      { version: 2, retry_strategy: 'custom', retry_delays_secs: [5] },
    ],
  },
  {
    what: 'a change of a job that was changed meanwhile',
    ask: toCustom,
    refused: ['aborted', 412, 'ETAG_MISMATCH', 'etag'],
  },
  {
    what: 'a change that clears',
    ask: ({ slug: job }) =>
      asking(
        updateJob,
        { job, patch: {}, updateMask: 'retryStrategy,retryDelaysSecs' },
        `PATCH /v1/jobs/${job}`,
        { retry_strategy: null, retry_delays_secs: null },
      ),
    shows: () => [
      { job: { version: 3, retryStrategy: 'RETRY_STRATEGY_EXPONENTIAL' } },
      { version: 3, retry_strategy: 'exponential', retry_delays_secs: [] },
    ],
  },
  {
    what: 'a word that there is not',
    ask: ({ slug: job }) =>
      asking(
        updateJob,
        { job, patch: { retryStrategy: 99 }, updateMask: 'retryStrategy' },
        `PATCH /v1/jobs/${job}`,
        { retry_strategy: 'sometimes' },
      ),
    refused: invalid('patch.retry_strategy'),
  },
  {
    what: 'jobs with a tag',
    ask: ({ slug }) => asking(listJobs, { tags: { door: slug } }, `GET /v1/jobs?tags[door]=${slug}`),
    shows: ({ slug }) => [{ jobs: [{ slug }] }, { jobs: [{ slug }], next_page_token: '' }],
  },
  {
    what: 'a page of another list',
    ask: (_, { keysPage }) =>
      asking(listJobs, { pageToken: keysPage }, `GET /v1/jobs?page_token=${keysPage}`),
    refused: invalid('page_token'),
  },
  {
    what: 'versions',
    ask: ({ slug: job }) =>
      asking(listJobVersions, { job, pageSize: 1 }, `GET /v1/jobs/${job}/versions?page_size=1`),
    shows: () => [
      { versions: [{ version: 3 }], nextPageToken: expect.any(String) },
      { versions: [{ version: 3 }], next_page_token: expect.stringMatching(/./) },
    ],
  },
  {
    what: 'a version',
    ask: ({ slug: job }) => asking(getJobVersion, { job, version: '2' }, `GET /v1/jobs/${job}/versions/2`),
    shows: () => [
      { job: { version: 2, retryStrategy: 'RETRY_STRATEGY_CUSTOM' } },
      { version: 2, retry_strategy: 'custom' },
    ],
  },
  {
    what: 'a version that there is not',
    ask: ({ slug: job }) => asking(getJobVersion, { job, version: '9' }, `GET /v1/jobs/${job}/versions/9`),
    refused: ['not_found', 404, 'VERSION_NOT_FOUND', 'version'],
  },
  {
    what: 'what changed between versions',
    ask: ({ slug: job }) =>
      asking(diffJobVersions, { job, from: '2', to: '3' }, `GET /v1/jobs/${job}/diff?from=2&to=3`),
    shows: () => [
      {
        changes: [
          { field: 'retry_strategy', before: '"custom"', after: '"exponential"' },
          { field: 'retry_delays_secs', before: '[5]', after: '[]' },
        ],
      },
      {
        changes: [
          { field: 'retry_strategy', before: 'custom', after: 'exponential' },
          { field: 'retry_delays_secs', before: [5], after: [] },
        ],
      },
    ],
  },
  {
    what: 'an earlier version again',
    ask: ({ slug: job }) =>
      asking(rollbackJob, { job, version: '2' }, `POST /v1/jobs/${job}/rollback`, { version: '2' }),
    shows: () => [
      { job: { version: 4, retryStrategy: 'RETRY_STRATEGY_CUSTOM' } },
      { version: 4, retry_strategy: 'custom' },
    ],
  },
  ...states.map(
    ([what, method, verb, rpc, rest]): Row => ({
      what,
      ask: ({ slug: job }) => asking(method, { job }, `POST /v1/jobs/${job}/${verb}`),
      shows: ({ slug }) => [{ job: { slug, ...rpc } }, { slug, ...rest }],
    }),
  ),
  {
    what: 'a copy of a job',
    ask: ({ slug: job }) =>
      asking(cloneJob, { job, name: 'Copy' }, `POST /v1/jobs/${job}/clone`, { name: 'Copy' }),
    status: 201,
    shows: () => [
      { job: { name: 'Copy', enabled: false, version: 1 } },
      { name: 'Copy', enabled: false, version: 1 },
    ],
  },
  {
    what: 'jobs of which one cannot be',
    ask: () =>
      asking(
        batchCreateJobs,
        {
          jobs: [
            { name: '', endpointUrl: endpoint },
            { name: 'Good', endpointUrl: endpoint },
          ],
        },
        'POST /v1/jobs/batch-create',
        {
          jobs: [
            { name: '', endpoint_url: endpoint },
            { name: 'Good', endpoint_url: endpoint },
          ],
        },
      ),
    shows: () => {
      const error = { code: 'invalid_argument', reason: 'FIELD_INVALID', violations: [{ field: 'job.name' }] }
      const results = [{ error }, { job: { name: 'Good', version: 1 } }]
      return [{ results }, { results }]
    },
  },
  {
    what: 'changes of which one cannot be',
    ask: ({ slug: job }) => {
      const change = { job, patch: { description: 'new' } }
      const requests = [
        { ...change, job: 'nothing' },
        { ...change, job },
      ]
      return asking(
        batchUpdateJobs,
        { requests: requests.map((each) => ({ ...each, updateMask: 'description' })) },
        'POST /v1/jobs/batch-update',
        { requests: requests.map((each) => ({ ...each, update_mask: 'description' })) },
      )
    },
    shows: ({ slug }) => {
      const results = [
        { error: { code: 'not_found', reason: 'JOB_NOT_FOUND' } },
        { job: { slug, description: 'new', version: 7 } },
      ]
      return [{ results }, { results }]
    },
  },
  {
    what: 'the end of a job that was changed meanwhile',
    ask: ({ slug: job, versionId }) =>
      ifMatch(versionId, asking(deleteJob, { job }, `DELETE /v1/jobs/${job}`)),
    refused: ['aborted', 412, 'ETAG_MISMATCH', 'etag'],
  },
  {
    what: 'the end of a job',
    ask: ({ slug: job }) => asking(deleteJob, { job, force: true }, `DELETE /v1/jobs/${job}?force=true`),
    shows: ({ slug }) => [
      { job: { slug, deletedAt: expect.any(String) } },
      { slug, deleted_at: expect.any(String) },
    ],
  },
  {
    what: 'the end of a job that is gone',
    ask: ({ slug: job }) => asking(deleteJob, { job }, `DELETE /v1/jobs/${job}`),
    refused: ['not_found', 404, 'JOB_NOT_FOUND'],
  },
]
