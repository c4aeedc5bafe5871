import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { Health } from '@strait/contracts/grpc/health/v1/health_pb'
import { expect, test } from 'vitest'
import { accessOf, adminScope, deploymentScope, projectScopes, scopes } from './scopes.ts'

test('the words of the scopes are those of the documentation', () => {
  expect(scopes).toEqual([
    'admin',
    ...['jobs:read', 'jobs:write', 'jobs:trigger', 'runs:read', 'runs:write'],
    ...['workflows', 'webhooks', 'groups', 'environments', 'schedules'].flatMap((noun) => [
      `${noun}:read`,
      `${noun}:write`,
    ]),
    ...['keys:manage', 'projects:manage', 'audit:read', 'deployment'],
  ])
})

test('what keys of a project may have is everything but the scope of the deployment', () => {
  expect(projectScopes).toHaveLength(scopes.length - 1)
  expect(projectScopes).toContain(adminScope)
  expect(projectScopes).not.toContain(deploymentScope)
})

test('a method says in its schema who may call it', () => {
  expect(accessOf(RunService.method.triggerJob)).toEqual({ who: 'scope', scope: 'jobs:trigger' })
  expect(accessOf(ApiKeyService.method.createApiKey)).toEqual({ who: 'scope', scope: 'keys:manage' })
  expect(accessOf(CatalogInternalService.method.verifyKeys)).toEqual({ who: 'service_token' })
  expect(accessOf(Health.method.check)).toBeUndefined()
})
