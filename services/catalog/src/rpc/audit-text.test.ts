import { create } from '@bufbuild/protobuf'
import { EnvironmentSchema } from '@strait/contracts/catalog/v1/environment_pb'
import { JobSchema, RetryStrategy } from '@strait/contracts/catalog/v1/job_pb'
import { expect, test } from 'vitest'
import { auditText } from './audit-text.ts'

test('a thing is kept as REST shows it, with JSON text as it was given', () => {
  const text = auditText(
    JobSchema,
    create(JobSchema, {
      name: 'Größe "x"',
      maxAttempts: 3,
      retryStrategy: RetryStrategy.LINEAR,
      cronPayload: '{"a": 1.0, "b": 12345678901234567890}',
      tags: { ['__proto__']: 'kept', constructor: '' },
    }),
  )
  expect(text).toContain('"cron_payload":{"a": 1.0, "b": 12345678901234567890}')
  expect(text).toContain('"tags":{"__proto__":"kept","constructor":""}')
  expect(JSON.parse(text)).toMatchObject({
    name: 'Größe "x"',
    max_attempts: 3,
    retry_strategy: 'linear',
    endpoint_url: '',
    deleted_at: null,
  })
})

test('what is only taken is not in it, not even as absent', () => {
  const job = auditText(JobSchema, create(JobSchema, { webhookSecret: 'canary', webhookSecretSet: true }))
  expect(job).not.toMatch(/canary|"webhook_secret"/)
  expect(job).toContain('"webhook_secret_set":true')
  const environment = auditText(
    EnvironmentSchema,
    create(EnvironmentSchema, {
      variables: { A: 'canary' },
      jobOverrides: { job: { variables: { B: 'canary' } } },
    }),
  )
  expect(environment).not.toMatch(/canary|"variables"|"job_overrides"/)
})
