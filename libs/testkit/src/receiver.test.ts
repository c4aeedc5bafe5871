import { expect, test } from 'vitest'
import { createReceiver } from './receiver.ts'

test('keeps what was sent, byte for byte, and answers 200', async () => {
  await using receiver = await createReceiver()
  const sent = Buffer.from([0, 255, 10, 13])
  const response = await fetch(`${receiver.url}/orders?id=7`, {
    method: 'PUT',
    headers: { 'X-Fence': '3' },
    body: sent,
  })
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ ok: true })
  const request = await receiver.waitFor(({ endedAt }) => endedAt !== undefined)
  expect(request).toMatchObject({ method: 'PUT', path: '/orders?id=7', body: sent, aborted: false })
  expect(request.headers['x-fence']).toBe('3')
  expect(request.endedAt!.getTime()).toBeGreaterThanOrEqual(request.startedAt.getTime())
})

test('answers as it is told, and as it is told later', async () => {
  await using receiver = await createReceiver(({ path }) => ({
    status: path === '/a' ? 503 : 404,
    body: 'no',
  }))
  const answer = async (path: string) => {
    const response = await fetch(receiver.url + path)
    return [response.status, response.headers.get('retry-after'), await response.text()]
  }
  expect(await answer('/a')).toEqual([503, null, 'no'])
  expect(await answer('/b')).toEqual([404, null, 'no'])
  receiver.respond(() => ({ status: 429, headers: { 'retry-after': '5' }, body: { wait: 5 } }))
  expect(await answer('/a')).toEqual([429, '5', '{"wait":5}'])
})

test('a call that is never answered stays open until its caller gives up', async () => {
  await using receiver = await createReceiver(() => 'hang')
  const caller = new AbortController()
  const call = fetch(receiver.url, { signal: caller.signal })
  const open = await receiver.waitFor(() => true)
  expect(open).toMatchObject({ endedAt: undefined, aborted: false })
  caller.abort()
  await expect(call).rejects.toThrow('aborted')
  expect(await receiver.waitFor(({ aborted }) => aborted)).toBe(open)
  expect(open.endedAt).toBeInstanceOf(Date)
})

test('a call that is reset fails at its caller', async () => {
  await using receiver = await createReceiver(() => 'reset')
  await expect(fetch(receiver.url)).rejects.toHaveProperty('cause.code', 'ECONNRESET')
})

test('a handler that throws answers 500', async () => {
  await using receiver = await createReceiver(() => Promise.reject(new Error('broken')))
  const response = await fetch(receiver.url)
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ error: 'Error: broken' })
})

test('waiting finds a request that came before and one that comes later', async () => {
  await using receiver = await createReceiver()
  await fetch(`${receiver.url}/early`)
  expect(await receiver.waitFor(({ path }) => path === '/early')).toBe(receiver.requests[0])
  const late = receiver.waitFor(({ path }) => path === '/late')
  await fetch(`${receiver.url}/late`)
  expect(await late).toBe(receiver.requests[1])
})

test('waiting in vain says what came instead', async () => {
  await using receiver = await createReceiver()
  await fetch(`${receiver.url}/a`, { method: 'POST' })
  await expect(receiver.waitFor(({ path }) => path === '/b', 20)).rejects.toThrow(
    'no such request came in 20 ms; received: POST /a',
  )
})

test('closing ends open calls, and can be repeated', async () => {
  const receiver = await createReceiver(() => 'hang')
  const call = fetch(receiver.url)
  await receiver.waitFor(() => true)
  await Promise.all([expect(call).rejects.toThrow(), receiver.close()])
  await receiver.close()
  await expect(fetch(receiver.url)).rejects.toHaveProperty('cause.code', 'ECONNREFUSED')
})
