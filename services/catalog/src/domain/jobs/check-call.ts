// What is called, how long, how often, and who is told: the fields that shape an attempt and its webhook.

import type { RetryStrategy } from '@strait/domain/retry-delay'
import { checkBounds, checkWord } from '../field-rules.ts'
import { countCharacters, textProblem } from '../text-rules.ts'
import { configDefaults, type JobConfig } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

/** Says why a URL may not be called from here, or nothing. The deployment's allow-list is in it. */
export type TargetProblem = (url: string) => string | undefined

const maxUrlCharacters = 2_048
const strategies: readonly [RetryStrategy, ...RetryStrategy[]] = ['exponential', 'linear', 'fixed', 'custom']
const maxDelays = 100
const maxDelaySecs = 604_800

type CallConfig = Pick<
  JobConfig,
  'endpointUrl' | 'fallbackEndpointUrl' | 'webhookUrl' | 'maxAttempts' | 'timeoutSecs' | 'onLostAttempt'
> &
  Retries
type Retries = Pick<JobConfig, 'retryStrategy' | 'retryDelaysSecs'>

/** Checks the fields that shape a job's calls. */
export function checkCall(input: JobInput, targetProblem: TargetProblem, say: Say): CallConfig {
  const { endpointUrl = '', fallbackEndpointUrl, webhookUrl, webhookSecret, onLostAttempt } = input
  if (endpointUrl === '') say('endpoint_url', 'is required')
  else checkUrl('endpoint_url', endpointUrl, targetProblem, say)
  if (fallbackEndpointUrl !== undefined)
    checkUrl('fallback_endpoint_url', fallbackEndpointUrl, targetProblem, say)
  if (webhookUrl !== undefined) checkUrl('webhook_url', webhookUrl, targetProblem, say)

  const secretProblem = webhookSecret === undefined ? undefined : textProblem(webhookSecret, 1, 256)
  if (secretProblem !== undefined) say('webhook_secret', secretProblem)

  const { maxAttempts = configDefaults.maxAttempts, timeoutSecs = configDefaults.timeoutSecs } = input
  checkBounds(say, 'max_attempts', maxAttempts, 1, 100)
  checkBounds(say, 'timeout_secs', timeoutSecs, 1, 86_400)
  const lost =
    onLostAttempt === undefined
      ? undefined
      : checkWord(say, 'on_lost_attempt', onLostAttempt, ['hold', 'retry'])
  return {
    endpointUrl,
    fallbackEndpointUrl,
    webhookUrl,
    maxAttempts,
    timeoutSecs,
    onLostAttempt: lost,
    ...checkRetries(input, say),
  }
}

function checkRetries(input: JobInput, say: Say): Retries {
  const { retryStrategy: word = configDefaults.retryStrategy } = input
  const { retryDelaysSecs = configDefaults.retryDelaysSecs } = input
  const isKnown = strategies.some((strategy) => strategy === word)
  const retryStrategy = checkWord(say, 'retry_strategy', word, strategies)

  const count = retryDelaysSecs.length
  if (retryStrategy === 'custom' && count === 0) {
    say('retry_delays_secs', 'is required when retry_strategy is custom')
  } else if (isKnown && retryStrategy !== 'custom' && count > 0) {
    say('retry_delays_secs', 'is read only when retry_strategy is custom; leave it out')
  }
  if (count > maxDelays) say('retry_delays_secs', `must have at most ${maxDelays} entries, not ${count}`)
  for (const [index, secs] of retryDelaysSecs.slice(0, maxDelays).entries()) {
    checkBounds(say, `retry_delays_secs[${index}]`, secs, 1, maxDelaySecs)
  }
  return { retryStrategy, retryDelaysSecs }
}

function checkUrl(field: string, url: string, targetProblem: TargetProblem, say: Say): void {
  const tooLong = countCharacters(url, maxUrlCharacters) > maxUrlCharacters
  const problem = tooLong ? `must have at most ${maxUrlCharacters} characters` : targetProblem(url)
  if (problem !== undefined) say(field, problem)
}
