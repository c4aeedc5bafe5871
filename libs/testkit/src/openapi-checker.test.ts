import { expect, test } from 'vitest'
import type { Schema } from './openapi/close-schema.ts'
import {
  createOpenApiChecker,
  type OpenApiDocument,
  publishedDocument,
  type RestAnswer,
} from './openapi-checker.ts'

const text = { type: 'string' }
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (schema: Schema) => ({ content: { 'application/json': { schema } } })

const small: OpenApiDocument = {
  paths: {
    '/v1/cats/{cat}': {
      get: {
        responses: {
          200: json(ref('Cat')),
          404: { $ref: '#/components/responses/Gone' },
          default: { content: { 'application/problem+json': { schema: ref('Problem') } } },
        },
      },
    },
    '/v1/cats/best': { get: { responses: { 200: json({ type: 'object', properties: { best: text } }) } } },
    '/v1/cats': {
      post: { responses: { 201: { headers: { Location: { required: true } }, ...json(ref('MadeCat')) } } },
      get: {
        responses: {
          200: {
            content: {
              'text/event-stream': {
                schema: text,
                'x-strait-event-data': ref('Cat'),
                'x-strait-error-data': ref('Problem'),
              },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Cat: {
        type: 'object',
        required: ['name', 'born_at', 'friend'],
        properties: {
          name: text,
          born_at: { type: ['string', 'null'], format: 'date-time' },
          friend: { anyOf: [ref('Cat'), { type: 'null' }] },
          tags: { type: 'object', additionalProperties: text },
          anything: {},
        },
      },
      MadeCat: {
        allOf: [
          ref('Cat'),
          { type: 'object', required: ['twice'], properties: { twice: { type: 'boolean' } } },
        ],
      },
      Problem: { type: 'object', required: ['reason'], properties: { reason: text } },
    },
    responses: { Gone: { content: { 'application/problem+json': { schema: ref('Problem') } } } },
  },
}
const check = createOpenApiChecker(small)
const cat = { name: 'Tom', born_at: null, friend: null }
const answer = (body: unknown, more: Partial<RestAnswer> = {}): RestAnswer => ({
  method: 'GET',
  path: '/v1/cats/{cat}',
  status: 200,
  contentType: 'application/json',
  body,
  ...more,
})

test('an answer as described has nothing wrong with it', () => {
  expect(check(answer(cat))).toEqual([])
  expect(check(answer({ ...cat, friend: cat, tags: { a: 'b' }, anything: [{ x: 1 }] }))).toEqual([])
  expect(
    check(answer(cat, { path: '/v1/cats/tom?x=1', contentType: 'Application/JSON; charset=utf-8' })),
  ).toEqual([])
})

test.each([
  ['a field that is missing', { name: 'Tom', born_at: null }],
  ['a field that nobody described', { ...cat, colour: 'red' }],
  ['one inside another object', { ...cat, friend: { ...cat, colour: 'red' } }],
  ['a value of another type', { ...cat, name: 5 }],
  ['a time that is none', { ...cat, born_at: 'yesterday' }],
  ['an entry of another type', { ...cat, tags: { a: 1 } }],
  ['no object', 'Tom'],
])('%s is told', (_, body) => {
  expect(check(answer(body))).not.toEqual([])
})

test('every line says where the fault is', () => {
  expect(check(answer({ ...cat, friend: { ...cat, name: 1 } }))).toContainEqual(
    expect.stringContaining('GET /v1/cats/{cat} 200: body/friend/name must be string'),
  )
})

test('fields beside a resource belong to the whole, and only those', () => {
  const made = { method: 'POST', path: '/v1/cats', status: 201 }
  expect(check(answer({ ...cat, twice: false }, made))).toEqual([])
  expect(check(answer(cat, made))).toEqual([expect.stringContaining("required property 'twice'")])
  expect(check(answer({ ...cat, twice: false, thrice: false }, made))).toEqual([
    expect.stringContaining('thrice'),
  ])
})

test('headers that are promised must be there', () => {
  const made = { method: 'POST', path: '/v1/cats', status: 201 }
  const body = { ...cat, twice: false }
  expect(check(answer(body, { ...made, headers: new Headers({ location: '/v1/cats/tom' }) }))).toEqual([])
  expect(check(answer(body, { ...made, headers: new Headers() }))).toEqual([
    'POST /v1/cats 201: has no header Location',
  ])
})

test('a status that is not described is told, save a refusal where there is a default', () => {
  const problem = { contentType: 'application/problem+json' }
  expect(check(answer({ reason: 'X' }, { ...problem, status: 404 }))).toEqual([])
  expect(check(answer({ reason: 'X' }, { ...problem, status: 503 }))).toEqual([])
  expect(check(answer({}, { ...problem, status: 503 }))).not.toEqual([])
  expect(check(answer(cat, { status: 204 }))).toEqual(['GET /v1/cats/{cat} 204: no such status'])
})

test('another type, another verb and another path are told', () => {
  expect(check(answer(cat, { contentType: 'text/html' }))).toEqual([expect.stringContaining('text/html')])
  expect(check(answer(cat, { contentType: null }))).toHaveLength(1)
  expect(check(answer(cat, { method: 'PUT' }))).toEqual(['PUT /v1/cats/{cat} 200: no such operation'])
  expect(check(answer(cat, { path: '/v1/dogs/rex' }))).toEqual(['GET /v1/dogs/rex 200: no such operation'])
})

test('a segment that is spelled out goes before a variable', () => {
  expect(check(answer({ best: 'Tom' }, { path: '/v1/cats/best' }))).toEqual([])
  expect(check(answer(cat, { path: '/v1/cats/best' }))).not.toEqual([])
})

test("a stream's events are held to what their data shall be", () => {
  const stream = { path: '/v1/cats', contentType: 'text/event-stream' }
  expect(check(answer(cat, stream))).toEqual([])
  expect(check(answer({ reason: 'X' }, stream))).not.toEqual([])
  expect(check(answer({ reason: 'X' }, { ...stream, event: 'error' }))).toEqual([])
})

test('every answer of the published document can be checked', () => {
  const document = publishedDocument()
  const checkPublished = createOpenApiChecker(document)
  const faults = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { responses }]) =>
      Object.keys(responses).flatMap((key) => {
        const status = key === 'default' ? 599 : Number(key)
        const isStream = path.endsWith('/events')
        const contentType =
          status >= 400 ? 'application/problem+json' : isStream ? 'text/event-stream' : 'application/json'
        return [checkPublished({ method, path, status, contentType, body: 5 })]
      }),
    ),
  )
  expect(faults.length).toBeGreaterThan(50)
  for (const fault of faults) expect(fault).toContainEqual(expect.stringContaining('body must be object'))
})

test("the published document knows a run's problem and no other field in it", () => {
  const checkPublished = createOpenApiChecker()
  const problem = {
    ...{
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'no such run',
      reason: 'RUN_NOT_FOUND',
    },
    violations: [{ field: 'run', description: 'is none' }],
  }
  const missing = { path: '/v1/runs/{run}', status: 404, contentType: 'application/problem+json' }
  expect(checkPublished(answer(problem, missing))).toEqual([])
  expect(checkPublished(answer({ ...problem, reason: 'JOB_NOT_FOUND' }, missing))).not.toEqual([])
  expect(checkPublished(answer({ ...problem, stack: 'at …' }, missing))).not.toEqual([])
})
