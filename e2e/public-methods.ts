// Every method that users may call, found in the generated code, so that no new one is forgotten.

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DescMethod, DescService } from '@bufbuild/protobuf'
import { accessOf } from '@strait/contracts/scopes'

/** A method, and the scope that opens it. */
export interface PublicMethod {
  readonly method: DescMethod
  readonly scope: string
}

/** Reads all of them. */
export async function readPublicMethods(): Promise<readonly PublicMethod[]> {
  const folder = new URL('../../', import.meta.resolve('@strait/contracts/catalog/v1/job_service_pb'))
  const files = readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' })
  const services = files.filter((name) => name.endsWith('_service_pb.js')).sort()
  const modules = await Promise.all(services.map((name) => import(new URL(name, folder).href)))
  return modules
    .flatMap((module) => Object.values(module).filter(isService))
    .flatMap((service) => service.methods)
    .flatMap((method) => {
      const access = accessOf(method)
      return access?.who === 'scope' ? [{ method, scope: access.scope }] : []
    })
}

function isService(value: unknown): value is DescService {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'service'
}
