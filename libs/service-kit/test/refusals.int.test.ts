// One suite held against every door: whatever the protocol, the same mistake gets the same code, reason and field.

import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Door, doors, sendRaw } from './doors.ts'
import { openServer, serviceToken } from './server-bundle.ts'

const createJob = '/strait.catalog.v1.JobService/CreateJob'
const watchRun = '/strait.dispatcher.v1.RunService/WatchRun'
const verifyKeys = '/strait.catalog.v1.CatalogInternalService/VerifyKeys'

const text = (value: string) => new TextEncoder().encode(value)
const pathOf = (door: Door) => (door.kind === 'unary' ? createJob : watchRun)
const named = (some: readonly Door[]) => some.map((door) => [door.name, door] as const)
/** A message of more than 100,000 bytes that either method could read. */
const large = (door: Door) => (door.json ? text(`{}${' '.repeat(100_000)}`) : Buffer.alloc(100_001))

describe.each(named(doors))('%s', (_, door) => {
  test('a field that nobody knows is named', async () => {
    await using server = await openServer()
    const [body, field] = door.json ? [text('{"nmae":1}'), 'nmae'] : [Buffer.of(0x98, 0x06, 0x01), '99']
    expect(await door.refusal(server.port, { path: pathOf(door), body })).toMatchObject({
      code: 'invalid_argument',
      reason: 'FIELD_UNKNOWN',
      fields: [field],
    })
    expect(server.calls).toEqual([])
  })

  test('a body that is no message is refused as malformed', async () => {
    await using server = await openServer()
    const bodies = door.json
      ? [text('{"job":'), text('[]'), Uint8Array.from([...text('{"job":"'), 0xff, ...text('"}')])]
      : // A wire type that there is not; a length beyond the end; text (field 1 of WatchRun) or a message that is none.
        [Buffer.of(0x0f), Buffer.of(0x0a, 0x7f, 0x00), Buffer.of(0x0a, 2, 0xff, 0xfe)]
    for (const body of bodies)
      expect(await door.refusal(server.port, { path: pathOf(door), body })).toMatchObject({
        code: 'invalid_argument',
        reason: expect.stringMatching(/^(?:BODY_MALFORMED|FIELD_INVALID)$/),
      })
    expect(await door.refusal(server.port, { path: pathOf(door), body: bodies[0]! })).toMatchObject({
      reason: 'BODY_MALFORMED',
      fields: [],
    })
    expect(server.calls).toEqual([])
    expect(server.lines).toEqual([])
  })

  test('a body that says that it is too large is refused before it is read', async () => {
    await using server = await openServer()
    const headers = { 'content-length': '100006' }
    expect(await door.refusal(server.port, { path: pathOf(door), headers, body: 'open' })).toMatchObject({
      code: 'resource_exhausted',
      reason: 'BODY_TOO_LARGE',
    })
  })

  test('a body that turns out to be too large is cut while it is read', async () => {
    await using server = await openServer()
    // HTTP/2 needs no name for it.
    const headers: Record<string, string> = door.name.endsWith('/1') ? { 'transfer-encoding': 'chunked' } : {}
    expect(await door.refusal(server.port, { path: pathOf(door), headers, body: large(door) })).toMatchObject(
      {
        code: 'resource_exhausted',
        reason: 'BODY_TOO_LARGE',
        message: expect.stringContaining('larger than'),
      },
    )
  })

  test.each([
    ['no key', { authorization: '' }, 'KEY_MISSING'],
    ['no bearer', { authorization: 'Basic x' }, 'KEY_MISSING'],
    ['a key that nobody has', { authorization: 'Bearer strait_bob_x' }, 'KEY_INVALID'],
    ['the service token', { authorization: `Bearer ${serviceToken}` }, 'KEY_INVALID'],
  ])('with %s the answer comes before the body', async (_, headers, reason) => {
    await using server = await openServer()
    expect(await door.refusal(server.port, { path: pathOf(door), headers, body: 'open' })).toMatchObject({
      code: 'unauthenticated',
      reason,
    })
    expect(server.calls).toEqual([])
  })

  test('a method that there is not is refused in the protocol of the caller, before the body', async () => {
    await using server = await openServer()
    const path = '/strait.catalog.v1.JobService/DestroyJob'
    expect(await door.refusal(server.port, { path, body: 'open' })).toMatchObject({
      code: 'unimplemented',
      reason: 'NOT_IMPLEMENTED',
    })
  })

  test('a time-out that cannot be read is named, before the body', async () => {
    await using server = await openServer()
    const headers = { [door.timeoutHeader]: 'soon' }
    expect(await door.refusal(server.port, { path: pathOf(door), headers, body: 'open' })).toMatchObject({
      code: 'invalid_argument',
      reason: 'FIELD_INVALID',
      fields: [door.timeoutHeader],
    })
  })

  test('a compression that is not known is refused, before the body', async () => {
    await using server = await openServer()
    const headers = { [door.encodingHeader]: 'zstd' }
    expect(await door.refusal(server.port, { path: pathOf(door), headers, body: 'open' })).toMatchObject({
      code: 'unimplemented',
      reason: 'NOT_IMPLEMENTED',
      message: `${door.encodingHeader} may be identity or gzip`,
    })
  })

  test('a deadline that passes while the body is awaited ends the call', async () => {
    await using server = await openServer()
    const headers = { [door.timeoutHeader]: door.timeoutHeader === 'grpc-timeout' ? '50m' : '50' }
    expect(await door.refusal(server.port, { path: pathOf(door), headers, body: 'open' })).toMatchObject({
      code: 'deadline_exceeded',
      reason: 'DEADLINE_EXCEEDED',
    })
  })

  test('a fault of the method shows no text and is logged once, with its cause', async () => {
    const fault = new Error('password is hunter2', { cause: new Error('why') })
    await using server = await openServer({
      createJob: () => Promise.reject(fault),
      // biome-ignore lint/correctness/useYield: a stream that fails before its first message
      async *watchRun() {
        throw fault
      },
    })
    const body = new Uint8Array()
    expect(await door.refusal(server.port, { path: pathOf(door), body })).toMatchObject({
      code: 'internal',
      reason: 'INTERNAL',
      message: 'a fault on our side; it is logged',
    })
    expect(server.lines).toEqual([
      {
        level: 'error',
        about: { method: pathOf(door), err: fault },
        sentence: 'a call failed through our own fault',
      },
    ])
  })

  test('an answer that its schema cannot hold is a fault of ours', async () => {
    // JSON looks at times, binary at whole numbers.
    const at = { seconds: 10n ** 15n }
    await using server = await openServer({
      createJob: async () => ({ job: door.json ? { createdAt: at } : { maxAttempts: 0.5 } }),
      async *watchRun() {
        yield { event: door.json ? { at } : { seq: 0.5 } }
      },
    })
    expect(await door.refusal(server.port, { path: pathOf(door), body: new Uint8Array() })).toMatchObject({
      reason: 'INTERNAL',
    })
    expect(server.lines).toHaveLength(1)
  })
})

test.each(named(doors.filter(({ json }) => json)))(
  '%s: a value of the wrong type is named',
  async (_, door) => {
    await using server = await openServer()
    const [body, field] =
      door.kind === 'unary'
        ? [text('{"job":{"maxAttempts":"many"}}'), 'job.max_attempts']
        : [text('{"afterSeq":"many"}'), 'after_seq']
    expect(await door.refusal(server.port, { path: pathOf(door), body })).toMatchObject({
      code: 'invalid_argument',
      reason: 'FIELD_INVALID',
      fields: [field],
    })
  },
)

test.each(named(doors.filter(({ kind }) => kind === 'unary')))(
  '%s: the internal services are closed to an API key, before the body',
  async (_, door) => {
    await using server = await openServer()
    expect(await door.refusal(server.port, { path: verifyKeys, body: 'open' })).toMatchObject({
      code: 'unauthenticated',
      reason: 'KEY_INVALID',
    })
  },
)

test('what unpacks to more than may come in is refused', async () => {
  await using server = await openServer()
  const body = gzipSync(Buffer.alloc(10_000_000))
  const headers = { 'content-encoding': 'gzip' }
  expect(await doors[0]!.refusal(server.port, { path: createJob, headers, body })).toMatchObject({
    code: 'resource_exhausted',
    reason: 'BODY_TOO_LARGE',
  })
})

test('what cannot be unpacked is malformed', async () => {
  await using server = await openServer()
  const headers = { 'content-encoding': 'gzip' }
  expect(await doors[0]!.refusal(server.port, { path: createJob, headers, body: text('{}') })).toMatchObject({
    reason: 'BODY_MALFORMED',
  })
})

test('the other services may send more than callers', async () => {
  await using server = await openServer()
  const body = text(`{}${' '.repeat(150_000)}`)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${serviceToken}` }
  expect(await sendRaw(1, server.port, { path: verifyKeys, headers, body })).toMatchObject({ status: 200 })
})

test.each([1, 2] as const)(
  'over HTTP/%i a method is called with POST and a type that it takes',
  async (version) => {
    await using server = await openServer()
    const send = (verb: string, path: string, type?: string) =>
      sendRaw(version, server.port, {
        verb,
        path,
        body: new Uint8Array(),
        headers: type ? { 'content-type': type } : {},
      })
    expect(await send('GET', createJob)).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    expect(await send('GET', '/')).toMatchObject({ status: 404 })
    const wrongType = await send('POST', createJob, 'text/plain')
    expect(wrongType).toMatchObject({
      status: 415,
      headers: { 'accept-post': expect.stringContaining('application/json, application/proto, ') },
    })
    expect(JSON.parse(wrongType.body.toString())).toMatchObject({
      status: 415,
      reason: 'NOT_IMPLEMENTED',
    })
    expect(wrongType.headers['content-type']).toBe('application/problem+json')
  },
)

test('names that no header could carry come back in a refusal all the same', async () => {
  await using server = await openServer()
  for (const door of doors.filter(({ json }) => json)) {
    const body = text(`{"\\ud800\\n${'é'.repeat(20_000)}":1}`)
    const { reason, fields } = await door.refusal(server.port, { path: pathOf(door), body })
    expect(reason).toBe('FIELD_UNKNOWN')
    expect(fields[0]).toMatch(/^\ufffd\né+…$/)
  }
})

test('every end of a call is counted by its code', async () => {
  await using server = await openServer()
  const [door] = doors
  await door!.refusal(server.port, { path: createJob, body: text('{"x":1}') })
  await door!.refusal(server.port, { path: createJob, headers: { authorization: '' }, body: 'open' })
  const metrics = await server.metrics()
  for (const code of ['invalid_argument', 'unauthenticated'])
    expect(metrics).toContain(`strait_rpc_seconds_count{method="${createJob}",code="${code}"`)
})
