// What every door is asked: requests that are answered and requests that are refused, said in the words of each door.

import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { asking, invalid, type Row } from './door-row.ts'
import { auditRows } from './door-tables/audit.ts'
import { environmentRows } from './door-tables/environments.ts'
import { groupRows } from './door-tables/groups.ts'
import { jobRows } from './door-tables/jobs.ts'
import { projectRows } from './door-tables/projects.ts'
import { workflowRows } from './door-tables/workflows.ts'

const { createJob, getJob } = JobService.method
const { triggerJob, getRun, listAttempts } = RunService.method
const { createApiKey, getApiKey, listApiKeys, updateApiKey, rotateApiKey, revokeApiKey } =
  ApiKeyService.method

const someEndpoint = 'https://example.com/door'
const jobOf = (more: object) => ({ name: 'Mine', endpointUrl: someEndpoint, ...more })
const restJobOf = (more: object) => JSON.stringify({ name: 'Mine', endpoint_url: someEndpoint, ...more })
const creating = (more: object, restMore: object = more) => ({
  method: createJob,
  message: { job: jobOf(more) },
  rest: { verb: 'POST', path: '/v1/jobs', body: restJobOf(restMore) },
})
const getting = (job: string) => ({
  method: getJob,
  message: { job },
  rest: { verb: 'GET', path: `/v1/jobs/${encodeURIComponent(job)}` },
})
/** Asks for a run. */
export const triggering = (job: string, more: object = {}, body = JSON.stringify(more)) => ({
  method: triggerJob,
  message: { job, ...more },
  rest: { verb: 'POST', path: `/v1/jobs/${job}/trigger`, body },
})
const looking = (run: string) => ({
  method: getRun,
  message: { run },
  rest: { verb: 'GET', path: `/v1/runs/${run}` },
})
const nobodysRun = '01a20b00-0000-7000-8000-000000000000'

/** All of them. */
export const doorTable: readonly Row[] = [
  ...jobRows,
  ...groupRows,
  ...environmentRows,
  ...projectRows,
  ...workflowRows,
  ...auditRows,
  { what: 'a job', ask: () => creating({}), status: 201 },
  {
    what: 'a job that is only checked',
    ask: () => ({
      ...creating({}),
      message: { job: jobOf({}), validateOnly: true },
      rest: { verb: 'POST', path: '/v1/jobs?validate_only=true', body: restJobOf({}) },
    }),
  },
  { what: 'a job by its slug', ask: () => getting('doors') },
  { what: 'a job whose slug is the name of a method', ask: () => getting('batch-create') },
  { what: 'a run', ask: () => triggering('doors'), status: 201 },
  {
    what: 'a run with a key of its own',
    ask: ({ slug }) =>
      triggering('doors', { idempotencyKey: slug }, JSON.stringify({ idempotency_key: slug })),
    status: 201,
  },
  {
    what: 'the same run again',
    ask: ({ slug }) => ({
      ...triggering('doors', { idempotencyKey: slug }, '{}'),
      rest: { verb: 'POST', path: '/v1/jobs/doors/trigger', headers: { 'idempotency-key': slug } },
    }),
  },
  {
    what: 'a list of keys',
    ask: () => ({
      method: listApiKeys,
      message: { pageSize: 1 },
      rest: { verb: 'GET', path: '/v1/api-keys?page_size=1' },
    }),
  },
  {
    what: 'a key',
    ask: () => ({
      method: createApiKey,
      message: { apiKey: { name: 'ci', scopes: ['jobs:read'] } },
      rest: { verb: 'POST', path: '/v1/api-keys', body: '{"name":"ci","scopes":["jobs:read"]}' },
    }),
    status: 201,
  },
  {
    what: 'a new name for a key',
    ask: ({ slug }, known) => ({
      method: updateApiKey,
      message: { key: known.weakKeyId, apiKey: { name: slug }, updateMask: 'name' },
      rest: { verb: 'PATCH', path: `/v1/api-keys/${known.weakKeyId}`, body: JSON.stringify({ name: slug }) },
    }),
  },
  {
    what: 'a key as it is',
    ask: ({ keyId }) => asking(getApiKey, { key: keyId }, `GET /v1/api-keys/${keyId}`),
  },
  {
    what: 'a new secret for a key',
    ask: ({ keyId }) => asking(rotateApiKey, { key: keyId }, `POST /v1/api-keys/${keyId}/rotate`, {}),
  },
  {
    what: 'the end of a key',
    ask: ({ keyId }) => asking(revokeApiKey, { key: keyId }, `POST /v1/api-keys/${keyId}/revoke`),
  },
  { what: 'a run as it is', ask: (_, known) => looking(known.run) },
  {
    what: 'attempts of a run',
    ask: (_, { run }) => asking(listAttempts, { run }, `GET /v1/runs/${run}/attempts`),
  },
  {
    what: 'a slug that is taken',
    ask: () => creating({ slug: 'doors' }),
    refused: ['already_exists', 409, 'SLUG_TAKEN', 'job.slug'],
  },
  { what: 'a job without a name', ask: () => creating({ name: '' }), refused: invalid('job.name') },
  {
    what: 'a job that calls nothing',
    ask: () => creating({ endpointUrl: '' }, { endpoint_url: '' }),
    refused: invalid('job.endpoint_url'),
  },
  {
    what: 'a job that calls a file',
    ask: () => creating({ endpointUrl: 'file:///etc/passwd' }, { endpoint_url: 'file:///etc/passwd' }),
    refused: invalid('job.endpoint_url'),
  },
  {
    what: 'a cron of six fields',
    ask: () => creating({ cron: '0 * * * * *' }),
    refused: invalid('job.cron'),
  },
  {
    what: 'no attempt at all',
    ask: () => creating({ maxAttempts: 0 }, { max_attempts: 0 }),
    refused: invalid('job.max_attempts'),
  },
  {
    what: 'delays of their own that are none',
    ask: () => creating({ retryStrategy: 'RETRY_STRATEGY_CUSTOM' }, { retry_strategy: 'custom' }),
    refused: invalid('job.retry_delays_secs'),
  },
  {
    what: 'several faults at once',
    ask: () =>
      creating(
        { name: '', timeoutSecs: -1, timezone: 'Mars' },
        { name: '', timeout_secs: -1, timezone: 'Mars' },
      ),
    refused: invalid('job.name', 'job.timezone', 'job.timeout_secs'),
  },
  {
    what: 'a limit without its window',
    ask: () => creating({ rateLimitMax: 5 }, { rate_limit_max: 5 }),
    refused: invalid('job.rate_limit_window_secs'),
  },
  {
    what: 'another project',
    ask: () => creating({ projectId: nobodysRun }, { project_id: nobodysRun }),
    refused: invalid('job.project_id'),
  },
  {
    what: 'a job that is not there',
    ask: () => getting('nothing'),
    refused: ['not_found', 404, 'JOB_NOT_FOUND'],
  },
  {
    what: 'a job that is not there, to be run',
    ask: () => triggering('nothing'),
    refused: ['not_found', 404, 'JOB_NOT_FOUND', 'job'],
  },
  {
    what: 'a payload that is no JSON',
    ask: () => triggering('doors', { payload: '{"a":01}' }, '{"payload":{"a":01}}'),
    refused: invalid('payload'),
  },
  {
    what: 'a payload with equal keys',
    ask: () => triggering('doors', { payload: '{"a":1,"a":2}' }, '{"payload":{"a":1,"a":2}}'),
    refused: invalid('payload'),
  },
  {
    what: 'a payload of more than 1 MiB',
    ask: () => triggering('doors', { payload: `"${'x'.repeat(1_048_575)}"` }),
    refused: invalid('payload'),
  },
  {
    what: 'a body of more than 4 MiB',
    ask: () => triggering('doors', { payload: `"${'x'.repeat(4_200_000)}"` }),
    refused: ['resource_exhausted', 413, 'BODY_TOO_LARGE'],
  },
  {
    what: 'an idempotency key of 257',
    ask: () =>
      triggering(
        'doors',
        { idempotencyKey: 'k'.repeat(257) },
        JSON.stringify({ idempotency_key: 'k'.repeat(257) }),
      ),
    refused: invalid('idempotency_key'),
  },
  {
    what: 'a run that is not there',
    ask: () => looking(nobodysRun),
    refused: ['not_found', 404, 'RUN_NOT_FOUND', 'run'],
  },
  {
    what: 'a run by no id',
    ask: () => looking('nonsense'),
    refused: ['not_found', 404, 'RUN_NOT_FOUND', 'run'],
  },
  {
    what: 'a run of another project',
    ask: (_, known) => looking(known.foreignRun),
    refused: ['not_found', 404, 'RUN_NOT_FOUND', 'run'],
  },
  {
    what: 'attempts of no run',
    ask: () => ({
      method: listAttempts,
      message: { run: nobodysRun },
      rest: { verb: 'GET', path: `/v1/runs/${nobodysRun}/attempts` },
    }),
    refused: ['not_found', 404, 'RUN_NOT_FOUND', 'run'],
  },
  {
    what: 'no key',
    ask: () => ({ ...getting('doors'), key: null }),
    refused: ['unauthenticated', 401, 'KEY_MISSING'],
  },
  {
    what: 'a key that nobody has',
    ask: () => ({
      ...looking(nobodysRun),
      key: 'strait_aaaaaaaaaaaa_0123456789012345678901234567890123456789',
    }),
    refused: ['unauthenticated', 401, 'KEY_INVALID'],
  },
  {
    what: 'a key without the scope',
    ask: (_, known) => ({ ...triggering('doors'), key: known.weakKey }),
    refused: ['permission_denied', 403, 'NOT_ALLOWED'],
  },
  {
    what: 'a field that nobody knows',
    ask: () => ({ ...triggering('doors', {}, '{"stranger":1}'), stranger: true }),
    refused: ['invalid_argument', 400, 'FIELD_UNKNOWN'],
  },
  {
    what: 'a scope that there is not',
    ask: () => ({
      method: createApiKey,
      message: { apiKey: { name: 'ci', scopes: ['jobs:eat'] } },
      rest: { verb: 'POST', path: '/v1/api-keys', body: '{"name":"ci","scopes":["jobs:eat"]}' },
    }),
    refused: invalid('api_key.scopes[0]'),
  },
  {
    what: 'a key that is not there',
    ask: () => ({
      method: getApiKey,
      message: { key: 'nothing00000' },
      rest: { verb: 'GET', path: '/v1/api-keys/nothing00000' },
    }),
    refused: ['not_found', 404, 'API_KEY_NOT_FOUND', 'key'],
  },
  {
    what: 'a change of what somebody else changed',
    ask: (_, known) => ({
      method: updateApiKey,
      message: { key: known.weakKeyId, apiKey: { name: 'x' }, updateMask: 'name', etag: 'rev_0' },
      rest: {
        verb: 'PATCH',
        path: `/v1/api-keys/${known.weakKeyId}`,
        body: '{"name":"x"}',
        headers: { 'if-match': '"rev_0"' },
      },
    }),
    refused: ['aborted', 412, 'ETAG_MISMATCH', 'etag'],
  },
  {
    what: 'a grace beyond its bound',
    ask: (_, known) => ({
      method: rotateApiKey,
      message: { key: known.weakKeyId, graceSecs: 2_592_001 },
      rest: { verb: 'POST', path: `/v1/api-keys/${known.weakKeyId}/rotate`, body: '{"grace_secs":2592001}' },
    }),
    refused: invalid('grace_secs'),
  },
  {
    what: 'the end of a key that is not there',
    ask: () => ({
      method: revokeApiKey,
      message: { key: 'nothing00000' },
      rest: { verb: 'POST', path: '/v1/api-keys/nothing00000/revoke' },
    }),
    refused: ['not_found', 404, 'API_KEY_NOT_FOUND', 'key'],
  },
]
