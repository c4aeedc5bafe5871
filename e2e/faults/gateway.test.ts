// What callers of the public origin see when a service behind it goes, and when the gateway itself does.

import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { waitFor } from '@strait/testkit/wait-for'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callers, type Fronted, startFronted } from '../fronted.ts'

let all: Fronted
beforeAll(async () => {
  all = await startFronted()
})
afterAll(() => all[Symbol.asyncDispose]())

test('with a service down its calls are told so, the others go on, and it is found when it is back', async () => {
  const jobs = createClient(JobService, all.transports['Connect with JSON']())
  const down = all.cluster.dispatchers[0]!
  const job = await all.heldJob('Survives')
  const { run } = await createClient(RunService, all.transports.gRPC()).triggerJob(
    { job: job.slug },
    all.bearer,
  )
  const steps: RunStatus[] = []
  const watching = (async () => {
    for await (const { event } of createClient(RunService, all.transports.gRPC()).watchRun(
      { run: run?.id ?? '' },
      all.bearer,
    ))
      steps.push(event?.status ?? 0)
  })()
  await waitFor(() => steps.length > 0, { what: 'the stream to begin' })
  down.kill('SIGKILL')
  await expect(watching).rejects.toMatchObject({ code: Code.Unavailable })
  await down.exited

  for (const name of callers) {
    const error = await createClient(RunService, all.transports[name]())
      .getRun({ run: run?.id ?? '' }, all.bearer)
      .catch(ConnectError.from)
    expect(error).toMatchObject({ code: Code.Unavailable })
  }
  const problem = await fetch(`${all.baseUrl}/v1/runs/${run?.id}`, all.bearer)
  expect([problem.status, problem.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
  expect(await problem.json()).toMatchObject({ status: 503, reason: 'UNAVAILABLE' })
  expect((await jobs.getJob({ job: job.slug }, all.bearer)).job?.slug).toBe(job.slug)
  expect((await fetch(`${all.gateway().opsUrl}/readyz`)).status).toBe(200)

  await all.cluster.addDispatcher({ PORT: new URL(down.url).port })
  for (const name of callers) {
    const answer = await createClient(RunService, all.transports[name]()).getRun(
      { run: run?.id ?? '' },
      all.bearer,
    )
    expect(answer.run?.id).toBe(run?.id)
  }
  job.release()
})

test('killed in the middle and started again there is nothing to recover', async () => {
  const transport = all.transports['Connect over HTTP/2']()
  const runs = createClient(RunService, transport)
  const job = await all.heldJob('Outlives the gateway')
  const { run } = await runs.triggerJob({ job: job.slug }, all.bearer)
  const watch = async (afterSeq: number) => {
    const seen: number[] = []
    try {
      for await (const { event } of runs.watchRun({ run: run?.id ?? '', afterSeq }, all.bearer)) {
        seen.push(event?.seq ?? 0)
        if (event?.status === RunStatus.EXECUTING) all.gateway().kill('SIGKILL')
      }
    } catch {
      return { seen, broke: true }
    }
    return { seen, broke: false }
  }
  const first = await watch(0)
  expect(first).toMatchObject({ broke: true })
  await all.gateway().exited
  await all.restart()
  job.release()
  const second = await watch(first.seen.at(-1) ?? 0)
  expect(second.broke).toBe(false)
  expect([...first.seen, ...second.seen]).toEqual([1, 2, 3])
})

test('told to stop, it sees calls through, tells its watchers, and ends by itself', async () => {
  const runs = createClient(RunService, all.transports.gRPC())
  const job = await all.heldJob('Watched at the end')
  const { run } = await runs.triggerJob({ job: job.slug }, all.bearer)
  let steps = 0
  const watching = (async () => {
    for await (const _ of runs.watchRun({ run: run?.id ?? '' }, all.bearer)) steps++
  })()
  await waitFor(() => steps > 0, { what: 'the stream to begin' })
  const ended = expect(watching).rejects.toMatchObject({ code: Code.Unavailable })
  expect(await all.gateway().stop()).toBe(0)
  await ended
  await all.restart()
  job.release()
})
