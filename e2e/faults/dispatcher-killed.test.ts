import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { createReceiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { type Cluster, type Node, startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

/** Which incarnation a process is: the one that its log says it booted last. */
function incarnationOf(node: Node): string {
  return [...node.output().matchAll(/"exec_id":"([^"]+)","msg":"incarnation booted"/g)].at(-1)?.[1] ?? ''
}

async function owners(cluster: Cluster): Promise<Map<string | null, number>> {
  const { rows } = await cluster.sql.query<{ owner: string | null; n: number }>(
    'select owner, count(*)::int as n from dispatcher.shards group by owner',
  )
  return new Map(rows.map((row) => [row.owner, row.n]))
}

/** Both own half of the shards. */
async function balanced(cluster: Cluster): Promise<void> {
  await waitFor(async () => [...(await owners(cluster)).values()].join() === '32,32', {
    what: '32 shards each',
  })
}

async function triggerMany(cluster: Cluster, jobs: readonly string[], each: number): Promise<string[]> {
  const runs = cluster.runs(cluster.dispatchers.at(-1))
  const answers = await Promise.all(
    jobs.flatMap((job) =>
      Array.from({ length: each }, (_, i) => runs.triggerJob({ job, payload: `{"i":${i}}` })),
    ),
  )
  return answers.map(({ run }) => run?.id ?? '')
}

async function ended(cluster: Cluster, count: number): Promise<Map<string, number>> {
  await waitFor(async () => (await cluster.sql.query('select from dispatcher.outcomes')).rowCount === count, {
    what: `${count} ended runs`,
    timeoutMs: 20_000,
  })
  const { rows } = await cluster.sql.query<{ status: string; n: number }>(
    'select status, count(*)::int as n from dispatcher.outcomes group by status',
  )
  return new Map(rows.map((row) => [row.status, row.n]))
}

const names = Array.from({ length: 12 }, (_, i) => `job-${i}`)

test('a dispatcher is killed with calls in flight: the other takes its shards, and every run ends once', async () => {
  await using cluster = await startCluster({ dispatchers: 2, scheduler: false, notifier: false })
  const hold = Promise.withResolvers<void>()
  await using endpoint = await createReceiver(async () => {
    await hold.promise
    return { body: {} }
  })
  for (const name of names) await cluster.jobs.createJob({ job: { name, endpointUrl: endpoint.url } })
  await balanced(cluster)
  const [victim, survivor] = cluster.dispatchers as [Node, Node]
  const dead = incarnationOf(victim)
  const ids = await triggerMany(cluster, names, 10)
  await waitFor(() => endpoint.requests.length === ids.length, { what: 'every run to be in flight' })
  const heldByVictim =
    (await cluster.sql.query('select from dispatcher.queue where exec_id = $1', [dead])).rowCount ?? 0
  expect(heldByVictim).toBeGreaterThan(0)

  victim.kill('SIGKILL')
  const killedAt = performance.now()
  await waitFor(async () => (await owners(cluster)).get(incarnationOf(survivor)) === 64, {
    what: 'the survivor to own every shard',
  })
  hold.resolve()
  expect(await ended(cluster, ids.length)).toEqual(new Map([['completed', ids.length]]))
  // The promise for a lease of ten seconds; here it is two.
  expect(performance.now() - killedAt).toBeLessThan(15_000)

  const calls = Map.groupBy(endpoint.requests, (request) => request.headers['x-strait-run-id'] as string)
  const twice = [...calls.values()].filter((each) => each.length > 1)
  expect(twice.length).toBe(heldByVictim)
  for (const [first, second] of twice) {
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key'])
    expect(Number(second?.headers['x-strait-fence'])).toBeGreaterThan(
      Number(first?.headers['x-strait-fence']),
    )
  }
  const { rows: lost } = await cluster.sql.query(
    "select exec_id from dispatcher.attempts where outcome = 'lost'",
  )
  expect(lost).toEqual(Array.from({ length: heldByVictim }, () => ({ exec_id: dead })))
  await assertRunHistory(cluster.sql)
}, 60_000)

test('a run with one attempt whose dispatcher is killed has crashed and is never called again', async () => {
  await using cluster = await startCluster({ dispatchers: 1, scheduler: false, notifier: false })
  await using endpoint = await createReceiver(() => 'hang')
  await cluster.jobs.createJob({ job: { name: 'Single', endpointUrl: endpoint.url, maxAttempts: 1 } })
  const { run } = await cluster.runs().triggerJob({ job: 'single' })
  await endpoint.waitFor(() => true)
  cluster.dispatchers[0]?.kill('SIGKILL')
  const next = await cluster.addDispatcher()
  for await (const { run: over } of cluster.runs(next).watchRun({ run: run?.id ?? '' })) {
    if (over) expect(over).toMatchObject({ status: RunStatus.CRASHED, attempt: 1, error: { class: 'lost' } })
  }
  expect(endpoint.requests.length).toBe(1)
  await assertRunHistory(cluster.sql)
}, 60_000)

test('a dispatcher that was stopped until another took over changes no row when it goes on, and boots a new incarnation', async () => {
  await using cluster = await startCluster({ dispatchers: 2, scheduler: false, notifier: false })
  const hold = Promise.withResolvers<void>()
  await using endpoint = await createReceiver(async ({ headers }) => {
    // The zombie's calls are answered only after it has gone on; the second calls at once.
    if (headers['x-strait-attempt'] === '1') await hold.promise
    return { body: { attempt: headers['x-strait-attempt'] } }
  })
  for (const name of names)
    await cluster.jobs.createJob({ job: { name, endpointUrl: endpoint.url, timeoutSecs: 60 } })
  await balanced(cluster)
  const [zombie, survivor] = cluster.dispatchers as [Node, Node]
  const dead = incarnationOf(zombie)
  const ids = await triggerMany(cluster, names, 5)
  await waitFor(() => endpoint.requests.length === ids.length, { what: 'every run to be in flight' })
  const held = (
    await cluster.sql.query<{ run_id: string }>('select run_id from dispatcher.queue where exec_id = $1', [
      dead,
    ])
  ).rows.map((row) => row.run_id)
  expect(held.length).toBeGreaterThan(0)

  zombie.kill('SIGSTOP')
  await waitFor(async () => (await owners(cluster)).get(incarnationOf(survivor)) === 64, {
    what: 'the survivor to own every shard',
  })
  const retried = async () =>
    (
      await cluster.sql.query(
        "select from dispatcher.outcomes where run_id = any($1) and status = 'completed'",
        [held],
      )
    ).rowCount
  await waitFor(async () => (await retried()) === held.length, {
    what: "the zombie's runs to be completed by the survivor",
  })
  const rowsOfZombie = async () =>
    (
      await cluster.sql.query(
        'select run_id, fence, outcome, finished_at, xmin::text from dispatcher.attempts where exec_id = $1 order by 1, 2',
        [dead],
      )
    ).rows
  const before = await rowsOfZombie()
  expect(before.map((row) => row.outcome)).toEqual(held.map(() => 'lost'))

  zombie.kill('SIGCONT')
  hold.resolve()
  await waitFor(() => incarnationOf(zombie) !== dead, { what: 'the zombie to boot a new incarnation' })
  expect(await ended(cluster, ids.length)).toEqual(new Map([['completed', ids.length]]))
  await balanced(cluster)
  expect(await rowsOfZombie()).toEqual(before)
  expect((await owners(cluster)).has(dead)).toBe(false)
  const results = await cluster.sql.query<{ result: string }>(
    'select result from dispatcher.outcomes where run_id = any($1)',
    [held],
  )
  expect(new Set(results.rows.map((row) => row.result))).toEqual(new Set(['{"attempt":"2"}']))
  await assertRunHistory(cluster.sql)
}, 60_000)

test('a dispatcher that is told to stop finishes its calls, hands its shards over, and no call is made twice', async () => {
  await using cluster = await startCluster({ dispatchers: 2, scheduler: false, notifier: false })
  const hold = Promise.withResolvers<void>()
  await using endpoint = await createReceiver(async () => {
    await hold.promise
    return {}
  })
  for (const name of names) await cluster.jobs.createJob({ job: { name, endpointUrl: endpoint.url } })
  await balanced(cluster)
  const [leaving, staying] = cluster.dispatchers as [Node, Node]
  const ids = await triggerMany(cluster, names, 10)
  await waitFor(() => endpoint.requests.length === ids.length, { what: 'every run to be in flight' })
  leaving.kill('SIGTERM')
  await waitFor(async () => !(await fetch(`${leaving.opsUrl}/readyz`)).ok, {
    what: 'the leaving one to be not ready',
  })
  const late = await triggerMany(cluster, names, 1)
  hold.resolve()
  expect((await leaving.exited).code).toBe(0)
  expect(await ended(cluster, ids.length + late.length)).toEqual(
    new Map([['completed', ids.length + late.length]]),
  )
  await waitFor(async () => (await owners(cluster)).get(incarnationOf(staying)) === 64, {
    what: 'the staying one to own every shard',
  })
  expect(endpoint.requests.length).toBe(ids.length + late.length)
  await assertRunHistory(cluster.sql)
}, 60_000)
