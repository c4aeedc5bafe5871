// Every method by its path, with what the door needs to serve it.

import type { DescMethod, DescMethodServerStreaming, DescMethodUnary } from '@bufbuild/protobuf'
import { type RestTable, restRoutes, restTable } from '@strait/contracts/rest-routes'
import type { Access } from '../access.ts'
import type { RpcService } from './rpc-service.ts'

/** The kinds of methods there are here: one question, and one answer or many. */
export type MethodKind = 'unary' | 'server_streaming'

/** Every method, by its own path and by its REST path. */
export interface MethodTable {
  readonly methods: ReadonlyMap<string, MethodEntry>
  readonly rest: RestTable
}

/** One method as the door sees it. */
export interface MethodEntry {
  /** `/strait.catalog.v1.JobService/CreateJob` */
  readonly path: string
  readonly method: DescMethod & (DescMethodUnary | DescMethodServerStreaming)
  readonly access: Access
  readonly run: RpcService['methods'][string]
}

/**
 * All methods by path. A service whose table misses a method does not start, nor one with a method of which nothing says who
 * may call it, nor two with the same method.
 */
export function methodTable(services: readonly RpcService[]): MethodTable {
  const table = new Map<string, MethodEntry>()
  for (const { service, access, methods } of services) {
    for (const method of service.methods) {
      const path = `/${service.typeName}/${method.name}`
      const run = methods[method.localName]
      if (run === undefined) throw new Error(`${path} has no implementation`)
      if (table.has(path)) throw new Error(`${path} is there twice`)
      const asked = access(method)
      if (asked === undefined) throw new Error(`${path} does not say who may call it`)
      if (!isServed(method)) throw new Error(`${path} takes a stream, which no method here does`)
      table.set(path, { path, method, access: asked, run })
    }
  }
  return { methods: table, rest: restTable(restRoutes(services.map(({ service }) => service))) }
}

function isServed(method: DescMethod): method is MethodEntry['method'] {
  return method.methodKind === 'unary' || method.methodKind === 'server_streaming'
}
