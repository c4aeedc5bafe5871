import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { DescService } from '@bufbuild/protobuf'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { Health } from '@strait/contracts/grpc/health/v1/health_pb'
import { expect, test } from 'vitest'
import { ownerOf, publicServices } from './public-services.ts'
import { accessOf } from './scopes.ts'

const generated = fileURLToPath(new URL('../gen/strait', import.meta.url))

async function allServices(): Promise<readonly DescService[]> {
  const files = readdirSync(generated, { recursive: true, encoding: 'utf8' })
  const modules = await Promise.all(
    files
      .filter((file) => file.endsWith('_pb.js'))
      .map((file): Promise<Record<string, unknown>> => import(pathToFileURL(`${generated}/${file}`).href)),
  )
  return modules.flatMap((each) => Object.values(each)).filter(isService)
}

function isService(value: unknown): value is DescService {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'service'
}

test('the public services are those whose every method is for API keys, and no others', async () => {
  const open = (await allServices()).filter(({ methods }) =>
    methods.every((method) => accessOf(method)?.who === 'scope'),
  )
  const names = (services: readonly DescService[]) => services.map(({ typeName }) => typeName).sort()
  expect(names(publicServices)).toEqual(names(open))
})

test('the package says who owns a service', () => {
  expect(ownerOf(JobService)).toBe('catalog')
  expect(ownerOf(RunService)).toBe('dispatcher')
  expect(() => ownerOf(Health)).toThrow('grpc.health.v1.Health does not say which service owns it')
})
