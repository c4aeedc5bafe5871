// What the gateway answers by itself: the description of the API, its own health, the schema of what is behind it, and what web
// pages may read.

import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from '@strait/contracts/grpc/health/v1/health_pb'
import { ServerReflection } from '@strait/contracts/grpc/reflection/v1/reflection_pb'
import { publicServices } from '@strait/contracts/public-services'
import { restRoutes } from '@strait/contracts/rest-routes'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, versions } from './callers.ts'
import { getJob, openBehind, openGateway } from './gateway-bundle.ts'

describe.each(versions)('over HTTP/%i', (version) => {
  test('the description of the API is a page', async () => {
    await using gateway = await openGateway({})
    const got = await ask(version, gateway.port, { verb: 'GET', path: '/openapi.json?x' })
    expect(got).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
    })
    expect(JSON.parse(got.text)).toHaveProperty('openapi')
    const headers = { 'if-none-match': String(got.headers.etag) }
    const again = await ask(version, gateway.port, { verb: 'GET', path: '/openapi.json', headers })
    expect(again).toMatchObject({ status: 304, text: '' })
    expect(await gateway.metrics()).toMatch(/strait_gateway_own_answers_total\{status="304"[^}]*\} 1/)
  })

  test('a page of a known origin may read that a service is not there, and asks the service whether it may call', async () => {
    await using catalog = await openBehind((_, response) => void response.writeHead(204).end())
    const page = { origin: 'https://app.example' }
    await using gateway = await openGateway({ catalog: catalog.port }, { STRAIT_CORS_ORIGINS: page.origin })
    const question = { ...page, 'access-control-request-method': 'POST' }
    await ask(version, gateway.port, { verb: 'OPTIONS', path: getJob, headers: question })
    expect(catalog.seen.map(({ method }) => method)).toEqual(['OPTIONS'])
    const down = await ask(version, gateway.port, { path: '/v1/runs/r1', verb: 'GET', headers: page })
    const nothing = await ask(version, gateway.port, { path: '/v1/nothing', verb: 'GET', headers: page })
    expect([down.status, nothing.status]).toEqual([503, 404])
    for (const { headers } of [down, nothing])
      expect(headers).toMatchObject({ 'access-control-allow-origin': page.origin, vary: 'Origin' })
  })
})

test.each(publicServices)(
  'with nothing behind, each method of $typeName is told as not being there',
  async (service) => {
    await using gateway = await openGateway({})
    const json = { 'content-type': 'application/json' }
    for (const { name } of service.methods.filter(({ methodKind }) => methodKind === 'unary')) {
      const path = `/${service.typeName}/${name}`
      const answer = await ask(1, gateway.port, { path, headers: json, body: '{}' })
      expect([answer.status, JSON.parse(answer.text)], name).toMatchObject([503, { code: 'unavailable' }])
    }
    const routes = restRoutes([service])
    expect(routes.length).toBe(service.methods.length)
    for (const { verb, template } of routes) {
      const path = template.replaceAll(/[{}]/g, '')
      const answer = await ask(1, gateway.port, { verb, path, headers: json })
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(JSON.parse(answer.text), template).toMatchObject({ status: 503, reason: 'UNAVAILABLE' })
    }
  },
)

test('health is that of the gateway, whatever is behind it', async () => {
  await using gateway = await openGateway({})
  const health = createClient(Health, createGrpcTransport({ baseUrl: gateway.url }))
  for (const service of ['', ...publicServices.map(({ typeName }) => typeName)])
    expect(await health.check({ service })).toMatchObject({ status: Status.SERVING })
})

test('reflection tells of the public services and of no others', async () => {
  await using gateway = await openGateway({})
  const reflection = createClient(ServerReflection, createGrpcTransport({ baseUrl: gateway.url }))
  async function* questions() {
    yield { messageRequest: { case: 'listServices' as const, value: '' } }
    yield { messageRequest: { case: 'fileContainingSymbol' as const, value: 'strait.catalog.v1.JobService' } }
  }
  const kinds: unknown[] = []
  const names: string[] = []
  for await (const { messageResponse } of reflection.serverReflectionInfo(questions())) {
    kinds.push(messageResponse.case)
    if (messageResponse.case === 'listServicesResponse')
      names.push(...messageResponse.value.service.map(({ name }) => name))
  }
  expect(kinds).toEqual(['listServicesResponse', 'fileDescriptorResponse'])
  const wanted = [...publicServices, Health, ServerReflection].map(({ typeName }) => typeName)
  expect(names.sort()).toEqual(wanted.sort())
})

test('streams without a key are counted by who is behind a proxy that is trusted, and by connection behind any other', async () => {
  const left = new AbortController()
  onTestFinished(() => left.abort())
  const watch = async (url: string, address: string) => {
    const health = createClient(Health, createGrpcTransport({ baseUrl: url }))
    const headers = { 'x-forwarded-for': address }
    const stream = health.watch({}, { headers, signal: left.signal })[Symbol.asyncIterator]()
    return stream.next().then(({ value }) => value?.status, refusalOf)
  }
  const fill = (url: string) => Promise.all(Array.from({ length: 100 }, () => watch(url, '203.0.113.1')))

  await using trusting = await openGateway({}, { STRAIT_TRUSTED_PROXIES: '127.0.0.0/8' })
  expect(new Set(await fill(trusting.url))).toEqual(new Set([Status.SERVING]))
  expect(await watch(trusting.url, '203.0.113.1')).toBe(Code.ResourceExhausted)
  expect(await watch(trusting.url, '203.0.113.2')).toBe(Status.SERVING)

  await using other = await openGateway({})
  expect(new Set(await fill(other.url))).toEqual(new Set([Status.SERVING]))
  expect(await watch(other.url, '203.0.113.2')).toBe(Code.ResourceExhausted)
})

const refusalOf = (error: unknown) => ConnectError.from(error).code
