// Every method says in its schema who may call it, what is for other services only is in a service of its own that is never
// routed, and REST paths belong to what is for users.

import { type DescMethod, type DescService, getOption, hasOption } from '@bufbuild/protobuf'
import { http } from '@strait/contracts/google/api/annotations_pb'
import { accessOf } from '@strait/contracts/scopes'
import { readServices } from './tools/read-services.ts'

/** What is wrong with the methods of some services, a line each. */
export function accessProblems(services: readonly DescService[]): readonly string[] {
  return services.flatMap((service) =>
    service.methods.flatMap((method) => {
      const problem = problemOf(service, method)
      return problem === undefined ? [] : [`${service.typeName}/${method.name} ${problem}`]
    }),
  )
}

function problemOf(service: DescService, method: DescMethod): string | undefined {
  const access = accessOf(method)
  const isInternal = service.name.endsWith('InternalService')
  const hasPath = hasOption(method, http) && getOption(method, http).pattern.case !== undefined
  if (access === undefined) return 'does not say who may call it: give it option (strait.options.v1.access)'
  if (isInternal && access.who !== 'service_token')
    return 'is in an internal service and needs the service token'
  if (!isInternal && access.who === 'service_token')
    return 'needs the service token: put it into an …InternalService'
  if (isInternal && hasPath) return 'is internal and must have no REST path'
  if (!isInternal && !hasPath) return 'has no REST path: give it option (google.api.http)'
  return undefined
}

if (import.meta.main) {
  const problems = accessProblems(await readServices())
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}
