import { stressPart } from '@strait/testkit/stress-part'
import { expect, onTestFinished, test } from 'vitest'
import { createOpsServer } from '../src/ops-server.ts'
import { createTelemetry } from '../src/telemetry.ts'

async function setup() {
  const telemetry = createTelemetry()
  let ready = false
  const server = createOpsServer({ host: '127.0.0.1', port: 0, telemetry, ready: () => ready })
  await server.start()
  onTestFinished(async () => {
    await server.stop()
    await telemetry.stop()
  })
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${server.port()}${path}`, { method })
    return { status: response.status, said: await response.text(), allow: response.headers.get('allow') }
  }
  const setReady = (now: boolean) => {
    ready = now
  }
  return { telemetry, server, ask, setReady }
}

test('a process that lives says so, and says apart whether it wants traffic', async () => {
  const { ask, setReady } = await setup()
  expect(await ask('/livez')).toMatchObject({ status: 200, said: 'alive\n' })
  expect(await ask('/readyz')).toMatchObject({ status: 503, said: 'not ready\n' })
  setReady(true)
  expect(await ask('/readyz?verbose')).toMatchObject({ status: 200, said: 'ready\n' })
})

test('metrics are there for Prometheus, with buckets that fit their unit', async () => {
  const { telemetry, ask } = await setup()
  telemetry.meter.createHistogram('strait_wait_seconds', { unit: 's' }).record(0.003, { kind: 'short' })
  telemetry.meter.createHistogram('strait_insert_batch', { unit: '{item}' }).record(150)
  telemetry.meter.createCounter('strait_runs').add(2)
  const { status, said } = await ask('/metrics')
  expect(status).toBe(200)
  expect(said).toMatch(/^strait_wait_seconds_bucket\{kind="short",.*le="0\.005"\} 1$/m)
  expect(said).toMatch(/^strait_wait_seconds_bucket\{kind="short",.*le="0\.002"\} 0$/m)
  expect(said).toMatch(/^strait_insert_batch_bucket\{.*le="100"\} 0$/m)
  expect(said).toMatch(/^strait_insert_batch_bucket\{.*le="200"\} 1$/m)
  expect(said).toMatch(/^strait_runs_total.* 2$/m)
  expect(said).not.toContain(process.execPath)
})

test('everything else is refused in words', async () => {
  const { ask } = await setup()
  expect(await ask('/')).toMatchObject({ status: 404, said: 'there is /livez, /readyz and /metrics\n' })
  expect(await ask('/livez', 'POST')).toMatchObject({ status: 405, allow: 'GET' })
})

test('it survives being started and stopped by many at once, and waits for nobody', async () => {
  const { server, ask } = await setup()
  // Leaves a connection that is kept alive.
  await ask('/livez')
  await server.stop()
  await stressPart(server)
  await server.start()
  expect((await ask('/livez')).status).toBe(200)
})
