// Callers that go away, come late, never finish, or read too slowly: what they leave behind is nothing.

import { once } from 'node:events'
import { Agent, request as http1Request } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { envelope } from '../src/rpc/envelope.ts'
import { apiKey, maxBodyBytes, openServer, serviceToken } from './server-bundle.ts'

const getJob = '/strait.catalog.v1.JobService/GetJob'
const createJob = '/strait.catalog.v1.JobService/CreateJob'
const watchRun = '/strait.dispatcher.v1.RunService/WatchRun'
const asJson = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }
const never = () => new Promise<never>(() => undefined)

/** A request over HTTP/1.1 whose body is the test's to send. */
function open(port: number, path: string, headers: Record<string, string>, agent: Agent | false = false) {
  const call = http1Request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent })
  call.on('error', () => undefined)
  onTestFinished(() => void call.destroy())
  return call
}

test('a caller over HTTP/1.1 that goes away stops the method, and is no fault of ours', async () => {
  await using server = await openServer({ getJob: never })
  const call = open(server.port, getJob, asJson)
  call.end('{"job":"x"}')
  await waitFor(() => server.calls.length === 1, { what: 'the method to begin' })
  call.destroy()
  await waitFor(() => server.calls[0]!.signal.aborted, { what: 'the method to hear of it' })
  expect(server.calls[0]!.signal.reason).toMatchObject({ message: 'the caller went away' })
  await waitFor(async () => (await server.metrics()).includes(`method="${getJob}",code="canceled"`), {
    what: 'the call to be counted',
  })
  expect(server.lines).toEqual([])
})

test('a caller over HTTP/2 that goes away stops its own call and no other of its connection', async () => {
  const answer = Promise.withResolvers<void>()
  await using server = await openServer({
    getJob: ({ job }) => (job === 'gone' ? never() : answer.promise.then(() => ({ job: { slug: job } }))),
  })
  const session = http2Connect(server.url)
  onTestFinished(() => session.destroy())
  const ask = (job: string) =>
    session.request({ ':method': 'POST', ':path': getJob, ...asJson }).end(JSON.stringify({ job }))
  const gone = ask('gone')
  const stays = ask('stays')
  await waitFor(() => server.calls.length === 2, { what: 'both methods to begin' })
  gone.close(8)
  await waitFor(() => server.calls.some(({ signal }) => signal.aborted), { what: 'the method to hear of it' })
  answer.resolve()
  expect(JSON.parse((await buffer(stays)).toString())).toMatchObject({ job: { slug: 'stays' } })
  expect(server.calls.filter(({ signal }) => signal.aborted)).toHaveLength(1)
  expect(server.lines).toEqual([])
})

test('a caller that goes away while it sends stops the call before its method', async () => {
  await using server = await openServer()
  const call = open(server.port, createJob, { ...asJson, 'content-length': '1000' })
  call.write('{"job":')
  await once(call, 'socket')
  await once(call.socket!, 'connect')
  call.destroy()
  await waitFor(async () => (await server.metrics()).includes('code="canceled"'), { what: 'its end' })
  expect(server.calls).toEqual([])
  expect(server.lines).toEqual([])
})

test('a method that hears of the end and fails for it is not taken for a fault', async () => {
  await using server = await openServer({
    getJob: (_, { signal }) =>
      new Promise((_, fail) => signal.addEventListener('abort', () => fail(new Error('broken off')))),
  })
  const call = open(server.port, getJob, { ...asJson, 'connect-timeout-ms': '30' })
  call.end('{}')
  const [response] = await once(call, 'response')
  expect(response.statusCode).toBe(504)
  expect(JSON.parse((await buffer(response)).toString())).toMatchObject({
    code: 'deadline_exceeded',
    message: 'not done within 30 ms',
  })
  expect(server.lines).toEqual([])
})

test('a method that hears of the end and returns as if it were done does not end the stream well', async () => {
  await using server = await openServer({
    async *watchRun(_, { signal }) {
      yield { event: { seq: 1 } }
      await new Promise((done) => signal.addEventListener('abort', done))
    },
  })
  const headers = { ...asJson, 'content-type': 'application/connect+json', 'connect-timeout-ms': '30' }
  const call = open(server.port, watchRun, headers)
  call.end(envelope(0, Buffer.from('{}')))
  const [response] = await once(call, 'response')
  expect((await buffer(response)).toString()).toContain('"code":"deadline_exceeded"')
})

test('the deadline also covers the time in which the key is verified', async () => {
  await using server = await openServer({ verifyKeys: never })
  const call = open(server.port, getJob, { ...asJson, 'connect-timeout-ms': '30' })
  call.end('{}')
  const [response] = await once(call, 'response')
  expect(response.statusCode).toBe(504)
})

test('keys that cannot be verified are no fault of the caller', async () => {
  await using server = await openServer({ verifyKeys: () => Promise.reject(new Error('catalog lost')) })
  const call = open(server.port, getJob, asJson)
  call.end('{}')
  const [response] = await once(call, 'response')
  expect(JSON.parse((await buffer(response)).toString())).toMatchObject({ code: 'unavailable' })
  expect(server.lines).toEqual([])
})

test('an early refusal reaches a caller that is in the middle of sending, over a connection that lives on', async () => {
  await using server = await openServer()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const large = Buffer.alloc(20 * maxBodyBytes)
  const call = open(server.port, createJob, { ...asJson, 'content-length': String(large.length) }, agent)
  call.end(large)
  const [refused] = await once(call, 'response')
  expect(refused.statusCode).toBe(429)
  await buffer(refused)
  const socket = call.socket
  const next = open(server.port, getJob, asJson, agent)
  next.end('{"job":"next"}')
  const [answered] = await once(next, 'response')
  expect(answered.statusCode).toBe(200)
  expect(next.socket).toBe(socket)
})

test('fetch learns that its body is too large, or its key wrong, however much it has still to send', async () => {
  await using server = await openServer()
  const body = Buffer.alloc(20 * maxBodyBytes)
  for (let i = 0; i < 10; i++) {
    const large = await fetch(server.url + createJob, { method: 'POST', headers: asJson, body })
    expect(await large.json()).toMatchObject({ code: 'resource_exhausted' })
    const headers = { ...asJson, authorization: 'Bearer strait_bob_x' }
    const wrong = await fetch(server.url + createJob, { method: 'POST', headers, body })
    expect(await wrong.json()).toMatchObject({ code: 'unauthenticated' })
  }
})

test('a caller that never finishes what nobody reads is cut off after a moment', async () => {
  await using server = await openServer()
  const socket = connect({ host: '127.0.0.1', port: server.port })
  socket.on('error', () => undefined)
  socket.write(
    `POST ${createJob} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
  )
  const begun = performance.now()
  expect((await buffer(socket)).toString()).toContain('KEY_MISSING')
  // The answer had time to arrive before the end.
  expect(performance.now() - begun).toBeGreaterThan(1_000)
})

test('a stream waits for a caller that reads slowly instead of piling up what it has to say', async () => {
  let sent = 0
  await using server = await openServer({
    async *watchRun() {
      for (; sent < 2_000; sent++) yield { run: { payload: 'x'.repeat(10_000) } }
    },
  })
  const headers = { ...asJson, 'content-type': 'application/connect+json' }
  const call = open(server.port, watchRun, headers)
  call.end(envelope(0, Buffer.from('{}')))
  const [response] = await once(call, 'response')
  response.pause()
  let seen = 0
  const waits = () => {
    const same = sent > 0 && sent === seen
    seen = sent
    return same
  }
  await waitFor(waits, { what: 'the stream to wait' })
  expect(sent).toBeLessThan(2_000)
  const whole = await buffer(response)
  expect(sent).toBe(2_000)
  expect(whole.length).toBeGreaterThan(20_000_000)
})

test('a service token opens the internal services to whoever has it', async () => {
  await using server = await openServer()
  const path = '/strait.catalog.v1.CatalogInternalService/VerifyKeys'
  const headers = { ...asJson, authorization: `Bearer ${serviceToken}` }
  const answer = await fetch(server.url + path, { method: 'POST', headers, body: '{"keys":["a"]}' })
  expect(await answer.json()).toEqual({ keys: [{ keyId: 'a' }] })
})
