// The document of OpenAPI 3.1: every public method of the schema, told as REST has it. Nothing in it is written by hand that the
// schema says.

import type { DescEnum, DescFile, DescMethod, JsonObject } from '@bufbuild/protobuf'
import { commentOf } from './comment-of.ts'
import { createComponents } from './components.ts'
import { sayableValues } from './enum-words.ts'
import { type HttpRoute, routeOf } from './http-route.ts'
import { operationOf } from './operation.ts'

const description = [
  'Strait runs HTTP work reliably: a job says what to call, a run is one execution of it.',
  'Every answer shows every field, unset ones as null. A field or a query parameter that is not in this document is refused.',
].join(' ')

/** The document for the services of some files. */
export function openApiDocument(files: readonly DescFile[]): JsonObject {
  const components = createComponents()
  const reasonEnum = findEnum(files, 'strait.errors.v1.Reason')
  const routed = files.flatMap((file) =>
    file.services.flatMap((service) => service.methods.flatMap(withRoute)),
  )
  refuseTwins(routed)
  const operationsAt = (path: string) =>
    routed
      .filter(({ route }) => route.path === path)
      .map(({ method, route }) => [route.verb, operationOf(method, route, reasonEnum, components)] as const)
  const paths = [...new Set(routed.map(({ route }) => route.path))]
  const services = new Set(routed.map(({ method }) => method.parent))
  return {
    openapi: '3.1.1',
    info: { title: 'Strait', version: 'v1', description },
    servers: [{ url: '/' }],
    security: [{ ApiKey: [] }],
    tags: Array.from(services, (service) => ({ name: service.name, description: commentOf(service) })),
    paths: Object.fromEntries(paths.map((path) => [path, Object.fromEntries(operationsAt(path))])),
    components: {
      schemas: components.all('schemas'),
      responses: components.all('responses'),
      securitySchemes: { ApiKey: apiKeyScheme(findEnum(files, 'strait.options.v1.Scope')) },
    },
  }
}

interface Routed {
  readonly method: DescMethod
  readonly route: HttpRoute
}

function withRoute(method: DescMethod): Routed[] {
  const route = routeOf(method)
  return route === undefined ? [] : [{ method, route }]
}

/** Two methods of one name or at one place, or one path with two spellings: something would vanish from the document. */
function refuseTwins(routed: readonly Routed[]): void {
  const seen = new Map<string, { readonly method: DescMethod; readonly path: string }>()
  for (const { method, route } of routed) {
    const place = route.path.replaceAll(/\{\w+\}/g, '{}')
    for (const key of [method.localName, `${route.verb} ${place}`, place]) {
      const before = seen.get(key)
      const isTwin = before !== undefined && (key !== place || before.path !== route.path)
      if (isTwin) throw new Error(`${before.method} and ${method} are both ${key}`)
      seen.set(key, { method, path: route.path })
    }
  }
}

function apiKeyScheme(scopes: DescEnum): JsonObject {
  const lines = sayableValues(scopes).map((scope) => `- ${commentOf(scope)}`)
  return {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'strait_<id>_<secret>',
    description: ['An API key of the project. Each operation says which scope the key needs.', ...lines].join(
      '\n',
    ),
  }
}

function findEnum(files: readonly DescFile[], typeName: string): DescEnum {
  const found = files.flatMap((file) => file.enums).find((one) => one.typeName === typeName)
  if (found === undefined) throw new Error(`the schema has no ${typeName}`)
  return found
}
