// What every door is asked about environments, each about one of its own; a value is in no answer.

import { EnvironmentService } from '@strait/contracts/catalog/v1/environment_service_pb'
import { expect } from 'vitest'
import { asking, ifMatch, invalid, type Row } from '../door-row.ts'

const environments = EnvironmentService.method

const nobodys = '01a20b00-0000-7000-8000-000000000000'
const text = expect.stringMatching(/./)
const secret = 'nobody-is-shown-this'

/** All of them. */
export const environmentRows: readonly Row[] = [
  {
    what: 'an environment, whose values are not shown',
    ask: ({ slug }) => {
      const environment = { name: 'Mine', slug, variables: { A: secret } }
      return asking(environments.createEnvironment, { environment }, 'POST /v1/environments', environment)
    },
    status: 201,
    shows: () => [{ environment: { variableNames: ['A'] } }, { variable_names: ['A'] }],
    hides: secret,
  },
  {
    what: 'more of its values',
    ask: ({ slug: environment }) => {
      const change = { set: { B: secret }, remove: ['A'] }
      const path = `POST /v1/environments/${environment}/set-variables`
      return asking(environments.setEnvironmentVariables, { environment, ...change }, path, change)
    },
    shows: () => [
      { environment: { variableNames: ['B'], etag: 'rev_2' } },
      { variable_names: ['B'], etag: 'rev_2' },
    ],
    hides: secret,
  },
  {
    what: 'an environment as it is',
    ask: ({ slug: environment }) =>
      asking(environments.getEnvironment, { environment }, `GET /v1/environments/${environment}`),
    shows: () => [{ environment: { variableNames: ['B'] } }, { variable_names: ['B'] }],
    hides: secret,
  },
  {
    what: 'environments',
    ask: () => asking(environments.listEnvironments, { pageSize: 1 }, 'GET /v1/environments?page_size=1'),
    shows: ({ slug }) => [{ environments: [{ slug }] }, { environments: [{ slug }], next_page_token: text }],
    hides: secret,
  },
  {
    what: 'which variables hold',
    ask: ({ slug: environment }) =>
      asking(
        environments.listEnvironmentVariables,
        { environment },
        `GET /v1/environments/${environment}/variables`,
      ),
    shows: () => [{ variables: [{ name: 'B' }] }, { variables: [{ name: 'B', job_override: false }] }],
    hides: secret,
  },
  {
    what: 'a change of an environment',
    ask: ({ slug: environment }) =>
      ifMatch(
        'rev_2',
        asking(
          environments.updateEnvironment,
          { environment, patch: {}, updateMask: 'variables' },
          `PATCH /v1/environments/${environment}`,
          { variables: null },
        ),
      ),
    shows: () => [{ environment: { etag: 'rev_3' } }, { etag: 'rev_3', variable_names: [] }],
  },
  {
    what: 'a parent that there is not',
    ask: () =>
      asking(
        environments.createEnvironment,
        { environment: { name: 'Mine', parentId: nobodys } },
        'POST /v1/environments',
        { name: 'Mine', parent_id: nobodys },
      ),
    refused: invalid('environment.parent_id'),
  },
  {
    what: 'the end of an environment',
    ask: ({ slug: environment }) =>
      ifMatch(
        'rev_3',
        asking(environments.deleteEnvironment, { environment }, `DELETE /v1/environments/${environment}`),
      ),
  },
  {
    what: 'an environment that is gone',
    ask: ({ slug: environment }) =>
      asking(environments.getEnvironment, { environment }, `GET /v1/environments/${environment}`),
    refused: ['not_found', 404, 'ENVIRONMENT_NOT_FOUND', 'environment'],
  },
]
