// REST on the same port as everything else, with fetch as its client.

import { once } from 'node:events'
import { request as http1Request } from 'node:http'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { createKeyVerifier } from '../src/key-verifier.ts'
import { Refusal } from '../src/refusal.ts'
import { sendRaw } from './doors.ts'
import { apiKey, maxBodyBytes, type OwnMethods, openServer, type ServerBundle } from './server-bundle.ts'

const authorization = `Bearer ${apiKey}`
const asJson = { authorization, 'content-type': 'application/json' }

async function ask(
  server: ServerBundle,
  verb: string,
  path: string,
  more: { body?: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> } = {},
) {
  const { body, headers = body === undefined ? { authorization } : asJson } = more
  const answer = await fetch(server.url + path, {
    method: verb,
    headers,
    ...(body !== undefined && { body }),
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

/** A server whose TriggerJob shows what it was given. */
const echoing: OwnMethods = {
  triggerJob: async ({ job, payload, idempotencyKey }) => ({
    run: { id: `r/${job}`, payload: payload ?? 'null', idempotencyKey },
    deduplicated: job === 'again',
    payloadMismatch: job === 'again',
  }),
}

test('a resource is answered bare, under the names and words of the documentation', async () => {
  await using server = await openServer()
  const { status, headers, text } = await ask(server, 'GET', '/v1/jobs/mine')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('application/json')
  expect(JSON.parse(text)).toMatchObject({ slug: 'mine', project_id: 'p1', cron: null, version: 0 })
  expect(server.calls[0]?.caller.actor).toBe('apikey:alice')
})

test('what is created is answered with 201 and its place, a duplicate with 200, each with what is to be said beside', async () => {
  await using server = await openServer(echoing)
  const created = await ask(server, 'POST', '/v1/jobs/mine/trigger', { body: '{}' })
  expect(created.status).toBe(201)
  expect(created.headers.get('location')).toBe('/v1/runs/r%2Fmine')
  expect(JSON.parse(created.text)).toMatchObject({
    id: 'r/mine',
    deduplicated: false,
    payload_mismatch: false,
  })
  const again = await ask(server, 'POST', '/v1/jobs/again/trigger')
  expect(again.status).toBe(200)
  expect(again.headers.get('location')).toBeNull()
  expect(JSON.parse(again.text)).toMatchObject({ id: 'r/again', deduplicated: true, payload_mismatch: true })
})

test('what was only checked is not created', async () => {
  await using server = await openServer()
  const body = '{"name":"n"}'
  expect((await ask(server, 'POST', '/v1/jobs', { body })).status).toBe(201)
  expect((await ask(server, 'POST', '/v1/jobs?validate_only=true', { body })).status).toBe(200)
})

test('a payload goes in and out byte for byte, plain or packed', async () => {
  await using server = await openServer(echoing)
  const payload = '{ "z":9007199254740993, "a":"\\u00e9é\\/", "e":1E400 }'
  const body = `{"idempotency_key":"k","payload":\n${payload} }`
  const plain = await ask(server, 'POST', '/v1/jobs/mine/trigger', { body })
  expect(plain.text).toContain(`"payload":${payload},`)
  const packed = await ask(server, 'POST', '/v1/jobs/mine/trigger', {
    body: gzipSync(body),
    headers: { ...asJson, 'content-encoding': 'gzip' },
  })
  expect(packed.text).toBe(plain.text)
})

test('a segment is decoded once', async () => {
  await using server = await openServer()
  expect(JSON.parse((await ask(server, 'GET', '/v1/jobs/a%252Fb%20c')).text)).toMatchObject({
    slug: 'a%2Fb c',
  })
})

test.each([
  ['GET', '/v1/jobs/mine', { headers: {} }, 401, 'KEY_MISSING'],
  ['GET', '/v1/jobs/mine', { headers: { authorization: 'Bearer strait_bob_x' } }, 401, 'KEY_INVALID'],
  ['GET', '/v1/runs/r1', {}, 404, 'RUN_NOT_FOUND'],
  ['POST', '/v1/jobs', { body: '{' }, 400, 'BODY_MALFORMED'],
  ['POST', '/v1/jobs', { body: '{"name":"a","name":"b"}' }, 400, 'BODY_MALFORMED'],
  ['POST', '/v1/jobs', { body: '{"nmae":"a"}' }, 400, 'FIELD_UNKNOWN'],
  ['POST', '/v1/jobs', { body: '{"name":7}' }, 400, 'FIELD_INVALID'],
  ['POST', '/v1/jobs', { body: Uint8Array.of(0x22, 0xff) }, 400, 'BODY_MALFORMED'],
  ['POST', '/v1/jobs', { body: 'x'.repeat(maxBodyBytes + 1) }, 413, 'BODY_TOO_LARGE'],
  [
    'POST',
    '/v1/jobs',
    { body: 'a=b', headers: { ...asJson, 'content-type': 'text/plain' } },
    415,
    'NOT_IMPLEMENTED',
  ],
  [
    'POST',
    '/v1/jobs',
    { body: '{}', headers: { ...asJson, 'content-encoding': 'br' } },
    415,
    'NOT_IMPLEMENTED',
  ],
  ['GET', '/v1/jobs/mine?x=1', {}, 400, 'FIELD_UNKNOWN'],
  ['PUT', '/v1/jobs/mine', {}, 405, 'NOT_IMPLEMENTED'],
  ['GET', '/v1/nothing', {}, 404, 'NOT_IMPLEMENTED'],
  ['GET', '/v1', {}, 404, 'NOT_IMPLEMENTED'],
  ['GET', '/', {}, 404, 'NOT_IMPLEMENTED'],
] as const)('%s %s is refused with a problem (%#)', async (verb, path, more, status, reason) => {
  await using server = await openServer()
  const answer = await ask(server, verb, path, more as Parameters<typeof ask>[3])
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const problem = JSON.parse(answer.text)
  expect({ status: answer.status, ...problem }).toMatchObject({ type: 'about:blank', status, reason })
  expect(problem.title).toEqual(expect.any(String))
  expect(problem.detail).not.toBe('')
  expect(server.calls).toEqual([])
  expect(server.lines).toEqual([])
})

test('a problem names the fields at fault and what else is known', async () => {
  await using server = await openServer()
  const { text } = await ask(server, 'POST', '/v1/jobs', { body: '{"name":7,"enabled":"yes"}' })
  expect(JSON.parse(text)).toMatchObject({
    detail: 'job.name: must be a string of Unicode text; job.enabled: must be true or false',
    violations: [{ field: 'job.name' }, { field: 'job.enabled' }],
  })
  const { text: missing } = await ask(server, 'GET', '/v1/runs/r1')
  expect(JSON.parse(missing)).toMatchObject({ metadata: { run: 'r1' } })
})

test('when to try again is a header, and so is what a key must be', async () => {
  await using server = await openServer({
    getJob: async () => {
      throw new Refusal('OVERLOADED', 'too much waits', { retryAfterMs: 1_500 })
    },
  })
  const busy = await ask(server, 'GET', '/v1/jobs/mine')
  expect(busy).toMatchObject({ status: 429 })
  expect(busy.headers.get('retry-after')).toBe('2')
  const nobody = await ask(server, 'GET', '/v1/jobs/mine', { headers: {} })
  expect(nobody.headers.get('www-authenticate')).toBe('Bearer')
})

test('a fault of ours shows no text', async () => {
  await using server = await openServer({
    getJob: async () => {
      throw new Error('select secret from keys')
    },
  })
  const { status, text } = await ask(server, 'GET', '/v1/jobs/mine')
  expect(status).toBe(500)
  expect(JSON.parse(text)).toMatchObject({ reason: 'INTERNAL', detail: 'a fault on our side; it is logged' })
  expect(text).not.toContain('secret')
  expect(server.lines).toHaveLength(1)
})

test('a stream is server-sent events, each with its number, and goes on where a caller says that it stopped', async () => {
  await using server = await openServer()
  const whole = await ask(server, 'GET', '/v1/runs/r/events')
  expect(whole.headers.get('content-type')).toBe('text/event-stream')
  const events = whole.text.split('\n\n').filter((event) => event !== '')
  expect(events.map((event) => event.split('\n')[0])).toEqual(['id: 1', 'id: 2', 'id: 3'])
  expect(JSON.parse(events[0]?.split('\ndata: ')[1] ?? '')).toMatchObject({ event: { seq: 1 }, run: null })
  const rest = await ask(server, 'GET', '/v1/runs/r/events', {
    headers: { authorization, 'last-event-id': '2' },
  })
  expect(rest.text).toMatch(/^id: 3\n/)
  expect((await ask(server, 'GET', '/v1/runs/r/events?after_seq=2')).text).toMatch(/^id: 3\n/)
})

test('line breaks in JSON text do not break an event apart', async () => {
  const payload = '{\n"a":\r\n1,\r"b":2}'
  await using server = await openServer({
    async *watchRun() {
      yield { event: { seq: 1 }, run: { payload } }
    },
  })
  const { text } = await ask(server, 'GET', '/v1/runs/r/events')
  const data = text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6))
  expect(JSON.parse(data.join('\n'))).toMatchObject({ run: { payload: { a: 1, b: 2 } } })
  expect(text.split('\n\n')).toHaveLength(2)
})

test('a refusal before a stream is a problem, one in its middle an event', async () => {
  await using server = await openServer({
    async *watchRun({ run }) {
      if (run === 'none') throw new Refusal('RUN_NOT_FOUND', 'there is no such run')
      yield { event: { seq: 1 } }
      throw new Refusal('UNAVAILABLE', 'gone for a moment')
    },
  })
  expect(await ask(server, 'GET', '/v1/runs/none/events')).toMatchObject({ status: 404 })
  const { text } = await ask(server, 'GET', '/v1/runs/r/events')
  const [, last = ''] = text.split('\n\n')
  expect(last).toMatch(/^event: error\ndata: /)
  expect(JSON.parse(last.split('\ndata: ')[1] ?? '')).toMatchObject({ status: 503, reason: 'UNAVAILABLE' })
})

test.each([1, 2] as const)('over HTTP/%i a caller that goes away stops the method', async (version) => {
  await using server = await openServer({ getJob: () => new Promise(() => undefined) })
  if (version === 1) {
    const call = http1Request({ port: server.port, path: '/v1/jobs/mine', headers: { authorization } })
    onTestFinished(() => void call.destroy())
    call.on('error', () => undefined).end()
    await waitFor(() => server.calls.length === 1, { what: 'the method to begin' })
    call.destroy()
  } else {
    const { connect } = await import('node:http2')
    const session = connect(server.url)
    onTestFinished(() => session.destroy())
    const call = session.request({ ':path': '/v1/jobs/mine', authorization })
    await waitFor(() => server.calls.length === 1, { what: 'the method to begin' })
    call.close(8)
  }
  await waitFor(() => server.calls[0]?.signal.aborted, { what: 'the method to hear of it' })
  expect(server.lines).toEqual([])
})

test('a stream whose caller goes away is stopped at its source', async () => {
  let cleaned = false
  await using server = await openServer({
    async *watchRun(_, { signal }) {
      try {
        yield { event: { seq: 1 } }
        await new Promise((done) => signal.addEventListener('abort', done))
      } finally {
        cleaned = true
      }
    },
  })
  const call = http1Request({ port: server.port, path: '/v1/runs/r/events', headers: { authorization } })
  call.on('error', () => undefined).end()
  const [response] = await once(call, 'response')
  await once(response, 'data')
  call.destroy()
  await waitFor(() => cleaned, { what: 'the method to clean up after itself' })
  expect(server.calls[0]?.signal.aborted).toBe(true)
})

test('a body over HTTP/2 needs its type, none needs none', async () => {
  await using server = await openServer(echoing)
  const path = '/v1/jobs/mine/trigger'
  const none = await sendRaw(2, server.port, { path, headers: { authorization }, body: new Uint8Array() })
  expect(none.status).toBe(415)
  const { connect } = await import('node:http2')
  const session = connect(server.url)
  onTestFinished(() => session.destroy())
  const call = session.request({ ':path': path, ':method': 'POST', authorization }, { endStream: true })
  const [headers] = await once(call, 'response')
  expect(headers[':status']).toBe(201)
  await text(call)
})

test('a key that is revoked ends its stream', async () => {
  let revoked = false
  const caller = { actor: 'apikey:alice', projectId: 'p1', scopes: new Set(['runs:read']) }
  await using server = await openServer({
    verifyKeys: async (keys) => keys.map(() => (revoked ? undefined : { caller, endsAt: undefined })),
    async *watchRun(_, { signal }) {
      yield { event: { seq: 1 } }
      await new Promise((done) => signal.addEventListener('abort', done))
    },
  })
  const answer = await fetch(`${server.url}/v1/runs/r/events`, { headers: { authorization } })
  revoked = true
  const begun = performance.now()
  const said = await answer.text()
  expect(said).toContain('"reason":"KEY_INVALID"')
  expect(performance.now() - begun).toBeLessThan(5_000)
})

test.each([
  ['from an address that has to wait', false, 'KEY_INVALID'],
  ['while nobody can say anything about it', true, 'UNAVAILABLE'],
])('a key of which there are news ends its stream, also %s', async (_, down, reason) => {
  let revoked = false
  const caller = { actor: 'apikey:alice', projectId: 'p1', scopes: new Set(['runs:read']) }
  const keys = createKeyVerifier(async (texts) => {
    if (revoked && down) throw new Error('catalog lost')
    return texts.map((text) => (revoked || text !== apiKey ? undefined : { caller, endsAt: undefined }))
  })
  await using server = await openServer(
    {
      async *watchRun(_, { signal }) {
        yield { event: { seq: 1 } }
        await new Promise((done) => signal.addEventListener('abort', done))
      },
    },
    { keys, failuresPerMinute: 1 },
  )
  const answer = await fetch(`${server.url}/v1/runs/r/events`, { headers: { authorization } })
  await ask(server, 'GET', '/v1/jobs/mine', { headers: { authorization: 'Bearer strait_bob_x' } })
  revoked = true
  keys.forget(['alice'])
  const begun = performance.now()
  expect(await answer.text()).toContain(`"reason":"${reason}"`)
  expect(performance.now() - begun).toBeLessThan(5_000)
})
