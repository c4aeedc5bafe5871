// What a step does: exactly one thing, with its fields within their bounds. Expressions and templates are noted with their place; whether
// they hold there is seen once the whole graph is known.

import { checkSlug } from '@strait/domain/slug'
import { checkBounds, checkOptionalBounds } from '../field-rules.ts'
import type { Say } from '../jobs/job-input.ts'
import { quoteShort, textProblem } from '../text-rules.ts'
import type { JobCall, StepWork } from './workflow.ts'
import type { JobCallInput, StepWorkInput } from './workflow-input.ts'

/** Names that expressions know everywhere in a workflow. */
export const everywhere: ReadonlySet<string> = new Set(['payload'])
/** Names that they know in what is run for each element of a list. */
const insideForEach: ReadonlySet<string> = new Set([...everywhere, 'item', 'index'])

/** Notes an expression or a template, its field, and the names it may rest on. */
export type Note = (
  kind: 'expression' | 'template',
  field: string,
  text: string,
  names: ReadonlySet<string>,
) => void

const yearSecs = 31_536_000
const eventName = /^[A-Za-z0-9_.-]{1,64}$/

/** Checks what a step does; `at` is the path of the step. */
export function checkWork(work: StepWorkInput | undefined, at: string, say: Say, note: Note): StepWork {
  if (work === undefined) {
    say(at, 'must do one of job, approval, wait_for_event, sleep, sub_workflow, for_each')
    return { kind: 'sleep', durationSecs: 1 }
  }
  switch (work.kind) {
    case 'job':
      return { kind: 'job', ...checkCall(work, `${at}.job`, everywhere, say, note) }
    case 'approval': {
      const { message = '' } = work
      const problem = textProblem(message, 0, 4_096)
      if (problem !== undefined) say(`${at}.approval.message`, problem)
      return { kind: 'approval', message, timeoutSecs: checkWait(work, `${at}.approval`, say) }
    }
    case 'waitForEvent': {
      const { event = '' } = work
      if (!eventName.test(event))
        say(
          `${at}.wait_for_event.event`,
          event === '' ? 'is required' : 'must be 1 to 64 letters, digits, dots, hyphens or underscores',
        )
      return { kind: 'waitForEvent', event, timeoutSecs: checkWait(work, `${at}.wait_for_event`, say) }
    }
    case 'sleep': {
      const field = `${at}.sleep.duration_secs`
      return { kind: 'sleep', durationSecs: checkBounds(say, field, work.durationSecs ?? 0, 1, yearSecs) }
    }
    case 'subWorkflow': {
      const { workflow = '', payload } = work
      checkName(`${at}.sub_workflow.workflow`, workflow, say)
      if (payload !== undefined) note('template', `${at}.sub_workflow.payload`, payload, everywhere)
      return { kind: 'subWorkflow', workflow, payload }
    }
    case 'forEach': {
      const { items = '', maxItems = 1_000, maxParallel = 10, job } = work
      if (items === '') say(`${at}.for_each.items`, 'is required')
      else note('expression', `${at}.for_each.items`, items, everywhere)
      if (job === undefined) say(`${at}.for_each.job`, 'is required')
      return {
        kind: 'forEach',
        items,
        maxItems: checkBounds(say, `${at}.for_each.max_items`, maxItems, 1, 1_000),
        maxParallel: checkBounds(say, `${at}.for_each.max_parallel`, maxParallel, 1, 1_000),
        job: job === undefined ? emptyCall : checkCall(job, `${at}.for_each.job`, insideForEach, say, note),
      }
    }
  }
}

const emptyCall: JobCall = {
  job: '',
  payload: undefined,
  maxAttempts: undefined,
  timeoutSecs: undefined,
  concurrencyKey: undefined,
}

function checkCall(
  call: JobCallInput,
  at: string,
  names: ReadonlySet<string>,
  say: Say,
  note: Note,
): JobCall {
  const { job = '', payload, maxAttempts, timeoutSecs, concurrencyKey } = call
  checkName(`${at}.job`, job, say)
  if (payload !== undefined) note('template', `${at}.payload`, payload, names)
  if (concurrencyKey !== undefined) note('expression', `${at}.concurrency_key`, concurrencyKey, names)
  return {
    job,
    payload,
    maxAttempts: checkOptionalBounds(say, `${at}.max_attempts`, maxAttempts, 1, 100),
    timeoutSecs: checkOptionalBounds(say, `${at}.timeout_secs`, timeoutSecs, 1, 86_400),
    concurrencyKey,
  }
}

/** What is named need not be there yet, but it must be able to. */
function checkName(field: string, slug: string, say: Say): void {
  const check = checkSlug(slug)
  if (!check.ok)
    say(field, slug === '' ? 'is required' : `${check.reason}, as a slug; not ${quoteShort(slug)}`)
}

function checkWait(
  work: { readonly timeoutSecs?: number | undefined },
  at: string,
  say: Say,
): number | undefined {
  return checkOptionalBounds(say, `${at}.timeout_secs`, work.timeoutSecs, 1, yearSecs)
}
