import { metrics } from '@opentelemetry/api'
import { createLog } from '@strait/service-kit/log'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { createEvents } from '../events.ts'
import { createSendFires } from './send-fires.ts'

const events = createEvents({ meter: metrics.getMeter('test'), log: createLog('test', 'silent') })

function fires(count: number, payload: string | null) {
  const ids = { projectId: 'p', jobId: 'j', scheduleId: 's', nominalAt: new Date(0) }
  return Array.from({ length: count }, (_, index) => ({ ...ids, runId: `run-${index}`, payload }))
}

test('firing waits while too many messages are under way, and goes on when one of them is stored', async () => {
  const stored: ((ok: boolean) => void)[] = []
  const sender = createSendFires({
    publish: () => new Promise((resolve) => stored.push(resolve)),
    sendOverRpc: async () => undefined,
    events,
  })
  // Each is more than half a message.
  const sending = sender.send(fires(65, 'x'.repeat(300 * 1024)))
  await waitFor(() => stored.length === 64, { what: 'as many messages as may be under way' })
  stored[0]?.(true)
  await sending
  expect(stored).toHaveLength(65)
  for (const resolve of stored) resolve(false)
  await sender.stop()
})

test('nobody waits for a message that is under way', async () => {
  const stored = Promise.withResolvers<boolean>()
  const sender = createSendFires({
    publish: () => stored.promise,
    sendOverRpc: async () => undefined,
    events,
  })
  await sender.send(fires(3, '{}'))
  let stopped = false
  const stopping = sender.stop().then(() => {
    stopped = true
  })
  await new Promise(setImmediate)
  expect(stopped).toBe(false)
  stored.resolve(true)
  await stopping
})

test('fires without their payload go over RPC, together', async () => {
  const asked: (readonly string[])[] = []
  const sender = createSendFires({
    publish: async () => true,
    sendOverRpc: async (runIds) => void asked.push(runIds),
    events,
  })
  await sender.send(fires(2, null))
  await sender.stop()
  expect(asked).toEqual([['run-0', 'run-1']])
})
