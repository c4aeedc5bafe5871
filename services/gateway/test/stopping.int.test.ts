// How the gateway stops: calls under way are seen through, streams are told to come back, nothing new begins, and nothing is
// left.

import { text } from 'node:stream/consumers'
import type { Response } from '@strait/service-kit/rpc/http-types'
import { stressPart } from '@strait/testkit/stress-part'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, test } from 'vitest'
import { ask, call, drained, versions } from './callers.ts'
import { getRun, openBehind, openGateway, watchRun } from './gateway-bundle.ts'

describe.each(versions)('over HTTP/%i', (version) => {
  test('a call under way is seen through, a stream is cut, and nothing new begins', async () => {
    const waiting: Response[] = []
    await using dispatcher = await openBehind((request, response) => {
      if (request.url === watchRun) response.writeHead(200).write('some')
      else waiting.push(response)
    })
    const gateway = await openGateway({ dispatcher: dispatcher.port }, { STRAIT_HARD_STOP_SECS: '20' })
    expect(gateway.ready()).toBe(true)
    const stream = await call(version, gateway.port, { path: watchRun }).answer
    const unary = call(version, gateway.port, { path: getRun })
    await waitFor(() => waiting.length === 1, { what: 'the call to arrive' })
    const stopped = gateway.stop()
    expect(await drained(stream.body)).toEqual({ bytes: 4, whole: false })
    expect(gateway.ready()).toBe(false)
    await expect(ask(version, gateway.port, { path: getRun })).rejects.toThrow(/./)
    for (const response of waiting) response.end('done')
    const answer = await unary.answer
    expect([answer.status, await text(answer.body)]).toEqual([200, 'done'])
    await stopped
  })
})

test('what does not end in time is cut', async () => {
  await using dispatcher = await openBehind((request) => void request.resume())
  const gateway = await openGateway({ dispatcher: dispatcher.port }, { STRAIT_HARD_STOP_SECS: '2' })
  const unary = call(2, gateway.port, { path: getRun })
  const failed = expect(unary.answer).rejects.toThrow(/./)
  await waitFor(() => dispatcher.seen.length === 1, { what: 'the call to arrive' })
  await gateway.stop()
  await failed
})

test('it can be started and stopped by many at once', async () => {
  const gateway = await openGateway({})
  await gateway.stop()
  await expect(stressPart(gateway.door)).resolves.toBeUndefined()
})
