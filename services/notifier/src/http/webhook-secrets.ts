// The secrets that sign webhooks, asked of the catalog in batches and kept for a few seconds, so that a rotated one acts
// at once. They are nowhere else: not in a row, not in a log. While the catalog cannot be asked, asking fails and the
// delivery waits: "no secret" is an answer, silence is not.

import { LRUCache } from 'lru-cache'

const MOST_KEPT = 10_000
const KEPT_MS = 5_000

/** Answers the secrets of each job, newest first, in the order of the ids; none for a job that has none. */
export type AskSecrets = (jobIds: readonly string[]) => Promise<readonly (readonly string[])[]>

/** The secrets of jobs, by job. */
export type SecretsOf = (jobIds: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>

/** Makes the memory in front of the catalog. `now` is a monotonic clock in milliseconds. */
export function createWebhookSecrets(
  ask: AskSecrets,
  now: () => number = () => performance.now(),
): SecretsOf {
  const kept = new LRUCache<string, readonly string[]>({
    max: MOST_KEPT,
    ttl: KEPT_MS,
    ttlResolution: 0,
    perf: { now },
  })

  return async (jobIds) => {
    const found = new Map<string, readonly string[]>()
    const unknown: string[] = []
    for (const id of new Set(jobIds)) {
      const secrets = kept.get(id)
      if (secrets === undefined) unknown.push(id)
      else found.set(id, secrets)
    }
    if (unknown.length === 0) return found
    // The age counts from the question: what changed while it was on its way may not be in the answer.
    const start = now()
    const answers = await ask(unknown)
    for (const [index, id] of unknown.entries()) {
      const secrets = answers[index]
      if (secrets === undefined) throw new Error('the catalog did not answer for every job')
      kept.set(id, secrets, { start })
      found.set(id, secrets)
    }
    return found
  }
}
