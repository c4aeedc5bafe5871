// The document of OpenAPI 3.1: every public method of the schema, told as REST has it. Nothing in it is written by hand that the
// schema says.

import type { DescEnum, DescFile, JsonObject } from '@bufbuild/protobuf'
import { type RestRoute, restRoutes } from '@strait/contracts/rest-routes'
import { commentOf } from './comment-of.ts'
import { createComponents } from './components.ts'
import { sayableValues } from './enum-words.ts'
import { operationOf } from './operation.ts'

const description = [
  'Strait runs HTTP work reliably: a job says what to call, a run is one execution of it.',
  'Every answer shows every field, unset ones as null. A field or a query parameter that is not in this document is refused.',
].join(' ')

/** The document for the services of some files. */
export function openApiDocument(files: readonly DescFile[]): JsonObject {
  const components = createComponents()
  const reasonEnum = findEnum(files, 'strait.errors.v1.Reason')
  const routes = restRoutes(files.flatMap((file) => file.services))
  refuseTwins(routes)
  const operationsAt = (path: string) =>
    routes
      .filter(({ template }) => template === path)
      .map((route) => [route.verb.toLowerCase(), operationOf(route, reasonEnum, components)] as const)
  const paths = [...new Set(routes.map(({ template }) => template))]
  const services = new Set(routes.map(({ method }) => method.parent))
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

/** Two methods of one name or at one place, or one path with two spellings: something would vanish from the document. */
function refuseTwins(routes: readonly RestRoute[]): void {
  const seen = new Map<string, RestRoute>()
  for (const route of routes) {
    const place = route.template.replaceAll(/\{\w+\}/g, '{}')
    for (const key of [route.method.localName, `${route.verb} ${place}`, place]) {
      const before = seen.get(key)
      const isTwin = before !== undefined && (key !== place || before.template !== route.template)
      if (isTwin) throw new Error(`${before.method} and ${route.method} are both ${key}`)
      seen.set(key, route)
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
