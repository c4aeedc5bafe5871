import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServiceClient } from '@strait/contracts/clients'
import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, test } from 'vitest'

import { aPlace, processesOf, type Started, start } from '../standalone.ts'

// The five points are facts that can be seen from outside; at each of them the process and all it holds is gone at once.
describe('killed with kill -9', () => {
  type Point = [point: string, reached: (standalone: Started, endpoint: Receiver) => boolean]
  const points: Point[] = [
    ['while Postgres is being set up', (standalone) => standalone.output().includes('Postgres data folder')],
    ['as soon as it is up', (standalone) => standalone.output().includes('Strait is up')],
    ['when the first run is queued', (standalone) => / queued /.test(standalone.output())],
    ['while the endpoint works on the first attempt', (_, endpoint) => endpoint.requests.length > 0],
    ['when the webhook was received', (standalone) => standalone.output().includes('signature verified')],
  ]
  test.each(points)(
    '%s, a new start stops the orphans and finishes the run',
    async (point, reached) => {
      const { dataDir, env } = await aPlace()
      const killed = Promise.withResolvers<void>()
      await using endpoint = await createReceiver(async () => {
        if (point.includes('first attempt')) await killed.promise
        return { body: { ok: true } }
      })
      const first = start({ ...env, STRAIT_DEMO_URL: endpoint.url })
      await waitFor(() => reached(first, endpoint), { what: point, timeoutMs: 60_000 })
      first.kill('SIGKILL')
      await first.exited
      killed.resolve()
      const orphans = await processesOf(dataDir)

      const second = start({ ...env, STRAIT_DEMO_URL: endpoint.url })
      await waitFor(() => second.output().includes('Strait is up'), {
        what: 'the second start',
        timeoutMs: 60_000,
      })
      for (const line of orphans.split('\n').filter((each) => each !== ''))
        expect(await processesOf(dataDir)).not.toContain(line)
      await waitFor(() => /run\.completed of hello.*signature verified/.test(second.output()), {
        what: "the second start's own run",
        timeoutMs: 30_000,
      })
      const run = / ([0-9a-f-]{36}) queued /.exec(first.output())?.[1]
      if (run !== undefined) {
        const context = JSON.parse(readFileSync(join(dataDir, 'context.json'), 'utf8'))
        const runs = createServiceClient(RunService, { baseUrl: context.url, bearer: context.api_key })
        const status = await waitFor(
          async () => {
            const answer = await runs.getRun({ run })
            return answer.run?.finishedAt === undefined ? undefined : answer.run.status
          },
          { what: "the first start's run to end", timeoutMs: 20_000 },
        )
        expect(RunStatus[status]).toBe('COMPLETED')
      }
      second.kill('SIGTERM')
      expect(await second.exited).toBe(0)
      expect(await processesOf(dataDir)).toBe('')
    },
    200_000,
  )
})
