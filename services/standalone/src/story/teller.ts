// What the terminal shows. Every line comes from WatchRun or from a request that was received, and is remembered by its kind, so that
// the end can say which lines are missing.

import { timestampDate } from '@bufbuild/protobuf/wkt'
import { AttemptOutcome, type RunEvent, RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import type { WatchRunResponse } from '@strait/contracts/dispatcher/v1/run_service_pb'
import type { Received, ReceivedWebhook } from './sample-endpoint.ts'

/** Tells the story line by line. */
export interface Teller {
  say(line: string): void
  step(who: string, answer: WatchRunResponse): void
  call(request: Received, status: number): void
  webhook(webhook: ReceivedWebhook): void
  /** Kinds of lines that were shown: `<run id> completed`, `<run id> webhook`. */
  readonly shown: ReadonlySet<string>
  /** Resolves when all of these were shown, the time is up, or the signal says so; answers what is missing. */
  waitFor(kinds: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<readonly string[]>
}

/** Writes to a terminal or a file. */
export function createTeller(write: (text: string) => void, color: boolean): Teller {
  const shown = new Set<string>()
  const waiters = new Set<() => void>()
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const dim = (text: string) => paint(2, text)

  function line(source: string, at: Date, text: string): void {
    write(`${dim(at.toISOString().slice(11, 23))}  ${source.padEnd(9)} ${text}\n`)
  }
  function remember(kind: string): void {
    shown.add(kind)
    for (const waiter of waiters) waiter()
  }

  return {
    shown,
    say: (text) => write(`${text}\n`),
    step(who, { event, run }) {
      if (event?.at === undefined) return
      const status = RunStatus[event.status].toLowerCase()
      const result = run?.result === undefined ? '' : `  ${dim(`result ${shorten(run.result)}`)}`
      line(
        'run',
        timestampDate(event.at),
        `${dim(who)} ${paint(statusColor(event.status), status.padEnd(10))}${stepDetail(event)}${result}`,
      )
      remember(`${who} ${status}`)
    },
    call(request, status) {
      const run = request.header('x-strait-run-id')
      const attempt = request.header('x-strait-attempt')
      const fence = request.header('x-strait-fence')
      line(
        'endpoint',
        new Date(),
        `${dim(run)} POST ${request.path} attempt ${attempt} fence ${fence} ${dim(shorten(request.body))} -> ${status}`,
      )
      remember(`${run} call`)
    },
    webhook(webhook) {
      const verdict = webhook.verified ? paint(32, 'signature verified') : paint(31, 'SIGNATURE WRONG')
      line(
        'webhook',
        new Date(),
        `${dim(webhook.runId)} ${webhook.type} of ${webhook.jobSlug}, delivery ${webhook.header('webhook-id')}, ${verdict}`,
      )
      if (webhook.verified) remember(`${webhook.runId} webhook`)
    },
    waitFor(kinds, timeoutMs, signal) {
      const missing = () => kinds.filter((kind) => !shown.has(kind))
      return new Promise((done) => {
        const look = () => {
          if (missing().length > 0) return
          finish()
        }
        const finish = () => {
          clearTimeout(timer)
          waiters.delete(look)
          signal.removeEventListener('abort', finish)
          done(missing())
        }
        const timer = setTimeout(finish, timeoutMs)
        waiters.add(look)
        signal.addEventListener('abort', finish)
        if (signal.aborted) finish()
        else look()
      })
    },
  }
}

function stepDetail(event: RunEvent): string {
  const detail = event.attemptDetail
  if (detail === undefined) return ''
  const attempt = `attempt ${detail.attempt}`
  if (detail.outcome === AttemptOutcome.IN_FLIGHT) return attempt
  const why = detail.error === undefined ? '' : `: ${detail.error.message}`
  const dueAt = event.status === RunStatus.DELAYED ? event.nextAttemptAt : undefined
  const next = dueAt === undefined ? '' : `, next at ${timestampDate(dueAt).toISOString().slice(11, 23)}`
  return `${attempt} ${AttemptOutcome[detail.outcome].toLowerCase()}${why}${next}`
}

function statusColor(status: RunStatus): number {
  if (status === RunStatus.COMPLETED) return 32
  if (status === RunStatus.EXECUTING) return 36
  return status > RunStatus.COMPLETED ? 31 : 33
}

function shorten(text: string): string {
  const oneLine = text.replaceAll(/\s+/g, ' ')
  return oneLine.length > 60 ? `${oneLine.slice(0, 59)}…` : oneLine
}
