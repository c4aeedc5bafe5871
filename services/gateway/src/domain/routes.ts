// Where a request goes, by its first line alone. What is not in the schemas of the public services goes nowhere: there is no
// way from here to an internal service, whatever credentials a caller shows.

import type { DescService } from '@bufbuild/protobuf'
import { ownerOf } from '@strait/contracts/public-services'
import { matchRoute, restRoutes, restTable } from '@strait/contracts/rest-routes'
import { accessOf } from '@strait/contracts/scopes'

/** What a first line leads to. */
export type Route =
  /** `streams` is whether the answer may go on for as long as its caller likes. */
  | { readonly to: 'upstream'; readonly owner: string; readonly streams: boolean }
  /** To no service: what every port answers for itself, and what is not there. */
  | { readonly to: 'here' }

/** Finds the way of a verb and a request target. */
export type Router = (verb: string, target: string) => Route

const here: Route = { to: 'here' }

/** What there is to be routed to. */
export interface Destinations {
  readonly services: readonly DescService[]
  /** The names of the processes that have an address. */
  readonly owners: readonly string[]
}

/**
 * The ways to these. Throws where they are at odds with each other: a service that is not for API keys, or whose owner has no
 * address, or a REST path of which two are the owner.
 */
export function createRouter({ services, owners }: Destinations): Router {
  const methods = methodOwners(services)
  const routes = restRoutes(services)
  const rest = restTable(routes)
  requireOneOwner(routes)
  for (const service of services)
    if (!owners.includes(ownerOf(service))) throw new Error(`nothing says where ${service.typeName} is`)

  return (verb, target) => {
    if (!/^\/[!-"$-~]*$/.test(target)) return here
    const path = target.split('?', 1)[0] ?? ''
    if (!path.startsWith('/v1/')) return methods.get(path) ?? here
    const match = matchRoute(rest, verb, target)
    if (match.kind === 'no_path' || match.kind === 'malformed') return here
    // A verb that the path does not have goes there too: its owner knows what to say to OPTIONS and all others.
    const { parent, methodKind } = match.route.method
    const streams = match.kind === 'found' && methodKind !== 'unary'
    return { to: 'upstream', owner: ownerOf(parent), streams }
  }
}

function methodOwners(services: readonly DescService[]): ReadonlyMap<string, Route> {
  const owners = new Map<string, Route>()
  for (const service of services) {
    const owner = ownerOf(service)
    for (const method of service.methods) {
      const path = `/${service.typeName}/${method.name}`
      if (accessOf(method)?.who !== 'scope') throw new Error(`${path} is not for callers with an API key`)
      owners.set(path, { to: 'upstream', owner, streams: method.methodKind !== 'unary' })
    }
  }
  return owners
}

/** One path is answered by one service, whatever the verb: otherwise nobody could say what it allows. */
function requireOneOwner(routes: ReturnType<typeof restRoutes>): void {
  const owners = new Map<string, string>()
  for (const { template, method } of routes) {
    const shape = template.replace(/\{[^}]*\}/g, '{}')
    const owner = ownerOf(method.parent)
    const other = owners.get(shape) ?? owner
    if (other !== owner) throw new Error(`${template} is of ${other} and of ${owner}`)
    owners.set(shape, owner)
  }
}
