// What is called, how long, how often, and who is told: the fields that shape an attempt and its webhook.

import type { RetryStrategy } from '@strait/domain/retry-delay'
import { countCharacters, textProblem } from '../text-rules.ts'
import type { JobConfig } from './job.ts'
import { configDefaults } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

/** Says why a URL may not be called from here, or nothing. The deployment's allow-list is in it. */
export type TargetProblem = (url: string) => string | undefined

const strategies: readonly RetryStrategy[] = ['exponential', 'linear', 'fixed', 'custom']
const maxUrlCharacters = 2_048
const maxDelays = 100
const maxDelaySecs = 604_800

type CallConfig = Pick<
  JobConfig,
  'endpointUrl' | 'webhookUrl' | 'maxAttempts' | 'timeoutSecs' | 'retryStrategy' | 'retryDelaysSecs'
>

/** Checks the fields that shape a job's calls. */
export function checkCall(input: JobInput, targetProblem: TargetProblem, say: Say): CallConfig {
  const { endpointUrl = '', webhookUrl, webhookSecret } = input
  if (endpointUrl === '') say('endpoint_url', 'is required')
  else checkUrl('endpoint_url', endpointUrl, targetProblem, say)
  if (webhookUrl !== undefined) checkUrl('webhook_url', webhookUrl, targetProblem, say)

  const secretProblem = webhookSecret === undefined ? undefined : textProblem(webhookSecret, 1, 256)
  if (secretProblem !== undefined) say('webhook_secret', secretProblem)

  const { maxAttempts = configDefaults.maxAttempts, timeoutSecs = configDefaults.timeoutSecs } = input
  checkBounds('max_attempts', maxAttempts, 1, 100, say)
  checkBounds('timeout_secs', timeoutSecs, 1, 86_400, say)
  return { endpointUrl, webhookUrl, maxAttempts, timeoutSecs, ...checkRetries(input, say) }
}

function checkUrl(field: string, url: string, targetProblem: TargetProblem, say: Say): void {
  const tooLong = countCharacters(url, maxUrlCharacters) > maxUrlCharacters
  const problem = tooLong ? `must have at most ${maxUrlCharacters} characters` : targetProblem(url)
  if (problem !== undefined) say(field, problem)
}

function checkRetries(input: JobInput, say: Say): Pick<JobConfig, 'retryStrategy' | 'retryDelaysSecs'> {
  const { retryStrategy: word = configDefaults.retryStrategy, retryDelaysSecs = [] } = input
  const retryStrategy = strategies.find((strategy) => strategy === word)
  if (retryStrategy === undefined) say('retry_strategy', `must be one of ${strategies.join(', ')}`)

  const count = retryDelaysSecs.length
  if (retryStrategy === 'custom' && count === 0) {
    say('retry_delays_secs', 'is required when retry_strategy is custom')
  } else if (retryStrategy !== undefined && retryStrategy !== 'custom' && count > 0) {
    say('retry_delays_secs', 'is read only when retry_strategy is custom; leave it out')
  }
  if (count > maxDelays) say('retry_delays_secs', `must have at most ${maxDelays} entries, not ${count}`)
  for (const [index, secs] of retryDelaysSecs.slice(0, maxDelays).entries()) {
    checkBounds(`retry_delays_secs[${index}]`, secs, 1, maxDelaySecs, say)
  }
  return { retryStrategy: retryStrategy ?? configDefaults.retryStrategy, retryDelaysSecs }
}

function checkBounds(field: string, value: number, min: number, max: number, say: Say): void {
  if (value < min || value > max) say(field, `must be ${min} to ${max}, not ${value}`)
}
