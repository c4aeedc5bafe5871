// How much of the job may run at once, and how often it may start. All limits are read live.

import { checkBounds } from '../field-rules.ts'
import { quoteShort } from '../text-rules.ts'
import { configDefaults, type JobConfig, type RateLimitKey } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

const maxInFlight = 1_000_000
const maxStarts = 100_000
const maxWindowSecs = 86_400
const maxRateLimitKeys = 10
const rateLimitName = /^[A-Za-z0-9_.-]{1,64}$/

type Limits = Pick<
  JobConfig,
  'maxConcurrency' | 'maxConcurrencyPerKey' | 'rateLimitMax' | 'rateLimitWindowSecs' | 'rateLimitKeys'
>

/** Checks a job's limits. */
export function checkLimits(input: JobInput, say: Say): Limits {
  const { maxConcurrency = configDefaults.maxConcurrency } = input
  const { maxConcurrencyPerKey = configDefaults.maxConcurrencyPerKey } = input
  checkBounds(say, 'max_concurrency', maxConcurrency, 0, maxInFlight)
  checkBounds(say, 'max_concurrency_per_key', maxConcurrencyPerKey, 0, maxInFlight)
  return {
    maxConcurrency,
    maxConcurrencyPerKey,
    ...checkRate(input, say),
    rateLimitKeys: checkKeys(input, say),
  }
}

function checkRate(input: JobInput, say: Say): Pick<Limits, 'rateLimitMax' | 'rateLimitWindowSecs'> {
  const { rateLimitMax = configDefaults.rateLimitMax } = input
  const { rateLimitWindowSecs = configDefaults.rateLimitWindowSecs } = input
  checkBounds(say, 'rate_limit_max', rateLimitMax, 0, maxStarts)
  checkBounds(say, 'rate_limit_window_secs', rateLimitWindowSecs, 0, maxWindowSecs)
  if (rateLimitMax === 0 && rateLimitWindowSecs !== 0) {
    say('rate_limit_max', 'is required when rate_limit_window_secs is set')
  }
  if (rateLimitWindowSecs === 0 && rateLimitMax !== 0) {
    say('rate_limit_window_secs', 'is required when rate_limit_max is set')
  }
  return { rateLimitMax, rateLimitWindowSecs }
}

function checkKeys({ rateLimitKeys = [] }: JobInput, say: Say): readonly RateLimitKey[] {
  if (rateLimitKeys.length > maxRateLimitKeys) {
    say('rate_limit_keys', `must have at most ${maxRateLimitKeys} entries, not ${rateLimitKeys.length}`)
    return []
  }
  const names = new Set<string>()
  return rateLimitKeys.map(({ name = '', max = 0, windowSecs = 0 }, index) => {
    const path = `rate_limit_keys[${index}]`
    if (!rateLimitName.test(name)) {
      say(`${path}.name`, 'must be 1 to 64 letters, digits, underscores, full stops or hyphens')
    } else if (names.has(name)) say(`${path}.name`, `is the second one that is called ${quoteShort(name)}`)
    names.add(name)
    checkBounds(say, `${path}.max`, max, 1, maxStarts)
    checkBounds(say, `${path}.window_secs`, windowSecs, 1, maxWindowSecs)
    return { name, max, windowSecs }
  })
}
