import type { DescService } from '@bufbuild/protobuf'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { Health } from '@strait/contracts/grpc/health/v1/health_pb'
import { expect, test } from 'vitest'
import { accessProblems } from './check-access.ts'
import { readServices } from './tools/read-services.ts'

/** A service under another name. */
const named = (service: DescService, name: string): DescService =>
  Object.create(service, { name: { value: name } })

test('every method of ours says who may call it', async () => {
  const services = await readServices()
  expect(services.map((service) => service.name)).toEqual(
    expect.arrayContaining(['JobService', 'ApiKeyService', 'RunService', 'CatalogInternalService']),
  )
  expect(accessProblems(services)).toEqual([])
})

test('a method that says nothing is named', () => {
  expect(accessProblems([Health])[0]).toBe(
    'grpc.health.v1.Health/Check does not say who may call it: give it option (strait.options.v1.access)',
  )
})

test('what is internal and what is not do not mix', () => {
  expect(accessProblems([named(JobService, 'JobInternalService')])[0]).toContain('needs the service token')
  expect(accessProblems([named(CatalogInternalService, 'CatalogService')])[0]).toContain(
    'put it into an …InternalService',
  )
})
