// What holds for the job's runs as a whole: whether there are any, how long they count, on which version they run, and what
// a completed one starts.

import { parseMapping } from '@strait/domain/payload-mapping'
import { checkSlug } from '@strait/domain/slug'
import { checkBounds, checkWord } from '../field-rules.ts'
import { configDefaults, type JobConfig } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

const yearSecs = 31_536_000

type Runs = Pick<
  JobConfig,
  'enabled' | 'dedupWindowSecs' | 'runTtlSecs' | 'versionPolicy' | 'backwardsCompatible'
> &
  OnComplete
type OnComplete = Pick<JobConfig, 'onCompleteTriggerWorkflow' | 'onCompletePayloadMapping'>

/** Checks the fields that hold for runs. */
export function checkRuns(input: JobInput, say: Say): Runs {
  const { enabled = configDefaults.enabled, backwardsCompatible = configDefaults.backwardsCompatible } = input
  const { dedupWindowSecs = configDefaults.dedupWindowSecs, runTtlSecs = configDefaults.runTtlSecs } = input
  checkBounds(say, 'dedup_window_secs', dedupWindowSecs, 0, yearSecs)
  checkBounds(say, 'run_ttl_secs', runTtlSecs, 0, yearSecs)
  return {
    enabled,
    dedupWindowSecs,
    runTtlSecs,
    versionPolicy: checkWord(say, 'version_policy', input.versionPolicy, ['pin', 'latest', 'minor']),
    backwardsCompatible,
    ...checkOnComplete(input, say),
  }
}

function checkOnComplete(input: JobInput, say: Say): OnComplete {
  const { onCompleteTriggerWorkflow, onCompletePayloadMapping } = input
  const slug = onCompleteTriggerWorkflow === undefined ? undefined : checkSlug(onCompleteTriggerWorkflow)
  if (slug?.ok === false) say('on_complete_trigger_workflow', slug.reason)
  if (onCompletePayloadMapping !== undefined) {
    checkMapping(onCompletePayloadMapping, say)
    if (onCompleteTriggerWorkflow === undefined) {
      say(
        'on_complete_payload_mapping',
        'is read only when on_complete_trigger_workflow is set; leave it out',
      )
    }
  }
  return { onCompleteTriggerWorkflow, onCompletePayloadMapping }
}

function checkMapping(text: string, say: Say): void {
  const parsed = parseMapping(text)
  if (parsed.ok) return
  for (const { name, reason } of parsed.problems) {
    say(`on_complete_payload_mapping${name === undefined ? '' : `[${JSON.stringify(name)}]`}`, reason)
  }
}
