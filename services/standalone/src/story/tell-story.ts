// The story: one triggered run with a retry, one cron run, both with their webhooks, as they happen.

import { createServiceClient } from '@strait/contracts/clients'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import type { Context } from '../data-folder.ts'
import { type DemoJob, ensureJob } from './demo-jobs.ts'
import type { Teller } from './teller.ts'

/** What the story is told with. */
export interface StoryOptions {
  readonly context: Context
  readonly teller: Teller
  readonly webhook: { readonly url: string; readonly secret: string }
  readonly helloUrl: string
  readonly tickUrl: string
  /** The sample endpoint is called, so its calls are part of the story. */
  readonly sampled: boolean
  readonly signal: AbortSignal
  /** Answers the id of the first run of a job that shows itself in a received request, after `since`. */
  readonly nextRunOf: (jobSlug: string) => Promise<string>
}

const endMs = 60_000
const webhookMs = 10_000
// The next full minute, and half of one on top for a slow machine.
const tickMs = 100_000

/** Tells the story; answers the lines that are missing at its end. */
export async function tellStory(options: StoryOptions): Promise<readonly string[]> {
  const { context, teller, signal } = options
  const runs = createServiceClient(RunService, {
    baseUrl: context.url,
    bearer: context.api_key,
    timeoutMs: 'none',
  })

  async function follow(run: string): Promise<void> {
    try {
      for await (const answer of runs.watchRun({ run }, { signal })) teller.step(run, answer)
    } catch (err) {
      if (!signal.aborted) throw err
    }
  }

  /** Shows a run to its end; answers what is missing of it. Its webhook may come a moment later. */
  async function show(run: string): Promise<readonly string[]> {
    await within(follow(run), endMs, signal)
    const kinds = ['queued', 'executing', ...(options.sampled ? ['call'] : []), 'completed', 'webhook']
    return teller.waitFor(
      kinds.map((kind) => `${run} ${kind}`),
      webhookMs,
      signal,
    )
  }

  const hello: DemoJob = { slug: 'hello', name: 'Say hello', endpointUrl: options.helloUrl }
  const tick: DemoJob = {
    slug: 'tick',
    name: 'Every minute',
    endpointUrl: options.tickUrl,
    cron: '* * * * *',
  }
  const helloJob = await ensureJob(context, hello, options.webhook)
  const tickJob = await ensureJob(context, tick, options.webhook)
  teller.say(`Jobs: ${helloJob.slug} (triggered), ${tickJob.slug} (cron ${tickJob.cron}).`)

  const ticked = options.nextRunOf(tickJob.slug ?? '')
  const { run } = await runs.triggerJob(
    { job: helloJob.slug, payload: '{"name": "world"}' },
    { timeoutMs: 10_000 },
  )
  const missing = await show(run?.id ?? '')
  if (missing.length > 0 || signal.aborted) return missing
  teller.say('Now the clock: the cron job fires at the next full minute.')
  const tickRun = await within(ticked, tickMs, signal)
  return tickRun === undefined ? [`${tickJob.slug} run`] : show(tickRun)
}

/** What work answers, or undefined when the time is up or the signal says so. */
function within<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((done, fail) => {
    const giveUp = () => finish(() => done(undefined))
    const timer = setTimeout(giveUp, ms)
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      settle()
    }
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    work.then(
      (value) => finish(() => done(value)),
      (err: unknown) => finish(() => fail(err)),
    )
  })
}
