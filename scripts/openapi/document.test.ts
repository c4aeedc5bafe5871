import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { restRoutes } from '@strait/contracts/rest-routes'
import { expect, test } from 'vitest'
import { root } from '../tools/run-tool.ts'
import { openApiDocument } from './document.ts'
import { readSchema } from './read-schema.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
}
interface Property {
  readonly readOnly?: boolean
  readonly writeOnly?: boolean
  readonly [keyword: string]: unknown
}
interface Schema {
  readonly required?: readonly string[]
  readonly properties: Readonly<Record<string, Property>>
  readonly additionalProperties?: unknown
  readonly enum?: readonly string[]
}
interface Operation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> }
  readonly responses: Readonly<Record<string, { readonly content: unknown; readonly headers?: unknown }>>
  readonly 'x-strait-scope': string
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, { readonly content: unknown; readonly headers?: unknown }>>
  }
}

const schema = await readSchema(root)
const document = openApiDocument(schema) as unknown as Document
const { schemas } = document.components
const operation = (verb: string, path: string) => document.paths[path]![verb]!
const namesIn = (verb: string, path: string, place: string) =>
  operation(verb, path)
    .parameters?.filter((one) => one.in === place)
    .map(({ name }) => name)
const statusesOf = (verb: string, path: string) => Object.keys(operation(verb, path).responses)
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (name: string) => ({ 'application/json': { schema: ref(name) } })

async function problemsOf(text: string): Promise<unknown> {
  // The validator changes what it is given.
  const { valid, errors } = await new Validator().validate(JSON.parse(text))
  return valid ? 'none' : errors
}

test('the published document is valid OpenAPI 3.1', async () => {
  const text = readFileSync(join(root, 'libs/contracts/gen/openapi.json'), 'utf8')
  expect(text).toContain('"openapi": "3.1.')
  expect(await problemsOf(text)).toBe('none')
})

test.each([
  ['a parameter without a place', (text: string) => text.replace('"in": "path"', '"at": "path"')],
  ['an operation that is no object', (text: string) => text.replace(/"get": \{/, '"get": [], "post": {')],
  ['a reference to nothing', (text: string) => text.replace('schemas/Problem"', 'schemas/Trouble"')],
])('%s is found in a document', async (_, breakIt) => {
  const text = JSON.stringify(document, null, 2)
  expect(breakIt(text)).not.toBe(text)
  expect(await problemsOf(breakIt(text))).not.toBe('none')
})

test('every method with a REST path is there, and no other one', () => {
  const wanted = restRoutes(schema.flatMap((file) => file.services)).map(({ method }) => method.localName)
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(wanted.sort())
  expect(wanted).toContain('triggerJob')
  expect(wanted).not.toContain('verifyKeys')
})

test("a path's variables are its parameters, and are required", () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    const variables = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name)
    for (const { parameters = [] } of Object.values(operations)) {
      const inPath = parameters.filter((one) => one.in === 'path')
      expect(inPath.map(({ name }) => name)).toEqual(variables)
      for (const { required } of inPath) expect(required).toBe(true)
    }
  }
})

test('what is in neither path nor body stands in the query, and the rest in headers', () => {
  expect(namesIn('post', '/v1/jobs', 'query')).toEqual(['validate_only'])
  expect(namesIn('get', '/v1/api-keys', 'query')).toEqual(['page_size', 'page_token'])
  expect(namesIn('patch', '/v1/api-keys/{key}', 'query')).toEqual([])
  expect(namesIn('patch', '/v1/api-keys/{key}', 'header')).toEqual(['If-Match'])
  expect(namesIn('post', '/v1/jobs/{job}/trigger', 'header')).toEqual(['Idempotency-Key'])
  expect(namesIn('get', '/v1/runs/{run}/events', 'query')).toEqual(['after_seq'])
  expect(namesIn('get', '/v1/runs/{run}/events', 'header')).toEqual(['Last-Event-ID'])
})

test('a body is the resource, or what the path leaves of the request', () => {
  expect(operation('post', '/v1/jobs').requestBody?.content).toEqual(json('JobInput'))
  expect(operation('get', '/v1/jobs/{job}').requestBody).toBeUndefined()
  expect(Object.keys(schemas.TriggerJobRequest!.properties)).toEqual([
    'payload',
    'idempotency_key',
    'metadata',
    'min_version',
    'tags',
  ])
  expect(Object.keys(schemas.RevokeApiKeyRequest!.properties)).toEqual([])
})

test('a PATCH has the fields that can be changed, of which null clears what need not be there', () => {
  const patch = { schema: ref('ApiKeyPatch') }
  expect(operation('patch', '/v1/api-keys/{key}').requestBody?.content).toEqual({
    'application/json': patch,
    'application/merge-patch+json': patch,
  })
  expect(Object.keys(schemas.ApiKeyPatch!.properties)).toEqual(['name', 'expires_at'])
  expect(schemas.ApiKeyPatch).not.toHaveProperty('required')
  expect(schemas.ApiKeyPatch!.properties.name!.type).toBe('string')
  expect(schemas.ApiKeyPatch!.properties.expires_at!.type).toEqual(['string', 'null'])
})

test('one resource is answered bare, with what else there is beside its fields', () => {
  expect(operation('get', '/v1/runs/{run}').responses['200']!.content).toEqual(json('Run'))
  expect(operation('post', '/v1/jobs/{job}/trigger').responses['201']!.content).toEqual(
    json('TriggerJobResponse'),
  )
  expect(schemas.TriggerJobResponse).toMatchObject({
    allOf: [ref('Run'), { required: ['deduplicated', 'payload_mismatch'] }],
  })
  expect(operation('get', '/v1/api-keys').responses['200']!.content).toEqual(json('ListApiKeysResponse'))
})

test('what creates answers 201 with a Location, and 200 where it may create nothing', () => {
  expect(statusesOf('post', '/v1/jobs').slice(0, 2)).toEqual(['200', '201'])
  expect(statusesOf('post', '/v1/api-keys').slice(0, 2)).toEqual(['201', '400'])
  expect(operation('post', '/v1/api-keys').responses['201']!.headers).toMatchObject({
    Location: { required: true },
    ETag: {},
  })
  expect(operation('get', '/v1/jobs/{job}').responses['200']!.headers).toMatchObject({ ETag: {} })
  expect(operation('get', '/v1/runs/{run}').responses['200']).not.toHaveProperty('headers')
  expect(statusesOf('post', '/v1/api-keys/{key}/rotate').slice(0, 2)).toEqual(['200', '400'])
})

test('a stream answers server-sent events, whose data is told', () => {
  expect(operation('get', '/v1/runs/{run}/events').responses['200']!.content).toMatchObject({
    'text/event-stream': { 'x-strait-event-data': ref('WatchRunResponse') },
  })
})

test('a method has the statuses of the reasons that its comment names, beside the usual ones', () => {
  expect(statusesOf('post', '/v1/jobs')).toEqual([
    '200',
    '201',
    '400',
    '401',
    '403',
    '409',
    '413',
    '429',
    'default',
  ])
  expect(statusesOf('get', '/v1/jobs/{job}')).toEqual(['200', '400', '401', '403', '404', '429', 'default'])
  expect(statusesOf('patch', '/v1/api-keys/{key}')).toContain('412')
})

test('an answer has every field but those that are never shown; a request has no other ones', () => {
  const { Job, JobInput } = schemas
  expect(Job!.required).toEqual(Object.keys(Job!.properties))
  expect(Job!.properties).not.toHaveProperty('webhook_secret')
  expect(Job).not.toHaveProperty('additionalProperties')
  expect(JobInput!.required).toEqual(['name', 'endpoint_url'])
  expect(JobInput!.properties.webhook_secret).toMatchObject({ writeOnly: true, minLength: 1, maxLength: 256 })
  expect(JobInput!.properties.webhook_secret_set).toMatchObject({ readOnly: true })
  expect(JobInput!.additionalProperties).toBe(false)
})

test('values are told as REST has them', () => {
  const { Job, Run, Attempt, RunStatus } = schemas
  expect(Attempt!.properties.fence).toMatchObject({ type: 'integer', format: 'int64' })
  expect(Run!.properties.payload).not.toHaveProperty('type')
  expect(Run!.properties.resolved_version!.type).toEqual(['integer', 'null'])
  expect(Run!.properties.created_at).toMatchObject({ type: ['string', 'null'], format: 'date-time' })
  expect(Run!.properties.error).toMatchObject({ anyOf: [ref('RunError'), { type: 'null' }] })
  expect(Run!.properties.metadata).toMatchObject({ type: 'object', additionalProperties: { type: 'string' } })
  expect(Job!.properties.max_attempts).toMatchObject({ minimum: 1, maximum: 100 })
  expect(RunStatus).toMatchObject({ type: 'string' })
  expect(RunStatus!.enum).toContain('timed_out')
  expect(JSON.stringify(RunStatus)).not.toMatch(/unspecified/i)
})

test('an update mask is nowhere', () => {
  expect(JSON.stringify(document)).not.toMatch(/"update_mask"/)
})

test('an operation says which scope it needs', () => {
  expect(operation('post', '/v1/jobs/{job}/trigger')['x-strait-scope']).toBe('jobs:trigger')
})

test('two methods at one place are refused', () => {
  const runs = schema.filter((file) => file.services.some(({ name }) => name === 'RunService'))
  expect(() => openApiDocument([...schema, ...runs])).toThrow('are both triggerJob')
})
