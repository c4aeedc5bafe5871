import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { createReceiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

test('a thousand triggers at once over Connect all complete, and their writes met in batches', async () => {
  await using cluster = await startCluster({ scheduler: false, notifier: false })
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Many', endpointUrl: endpoint.url } })
  const runs = cluster.runs()
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => runs.triggerJob({ job: 'many', payload: `{"i":${i}}` })),
  )
  const ids = new Set(answers.map(({ run }) => run?.id))
  expect(ids.size).toBe(1_000)
  await waitFor(
    async () =>
      (await cluster.sql.query("select from dispatcher.outcomes where status = 'completed'")).rowCount ===
      1_000,
    { what: '1,000 completed runs', timeoutMs: 30_000 },
  )
  expect(new Set(endpoint.requests.map((request) => request.headers['x-strait-run-id']))).toEqual(ids)
  expect(endpoint.requests.length).toBe(1_000)

  const metrics = await (await fetch(`${cluster.dispatchers[0]?.opsUrl}/metrics`)).text()
  for (const write of ['insert_runs', 'start_attempts', 'finish_attempts']) {
    const value = (name: string) =>
      Number(new RegExp(`^${name}\\{[^}]*write="${write}"[^}]*\\} (\\d+)`, 'm').exec(metrics)?.[1])
    const rows = value('strait_group_commit_batch_sum')
    const writes = value('strait_group_commit_batch_count')
    // A start that a slow machine gives back unsent is recorded and ended once more; a run is stored once.
    if (write === 'insert_runs') expect(rows).toBe(1_000)
    else expect(rows, `rows of ${write}`).toBeGreaterThanOrEqual(1_000)
    expect(rows / writes, `mean batch of ${write}`).toBeGreaterThan(4)
  }
  const last = await runs.getRun({ run: [...ids].at(-1) ?? '' })
  expect(last.run?.status).toBe(RunStatus.COMPLETED)
  await assertRunHistory(cluster.sql)
}, 60_000)
