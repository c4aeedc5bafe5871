// Whether a job takes a new run now, from what is live of it and what its newest version asks for. Pure.

import type { LiveJob } from './job-config.ts'

/** Why a job takes no run. */
export type NotTaken =
  /** `passes` tells a state that ends by itself within seconds. */
  | { readonly reason: 'JOB_DISABLED'; readonly message: string; readonly passes: boolean }
  | { readonly reason: 'NOT_YET_SUPPORTED'; readonly fields: readonly string[] }

/**
 * Says why a job takes no run, or nothing when it does. A job that is being deleted refuses triggers as a disabled one does, and not as one that
 * does not exist: it is still there, and stays if runs of it are unfinished.
 */
export function whyNotTaken(job: LiveJob, triggeredBy: 'manual' | 'cron'): NotTaken | undefined {
  if (!job.enabled) return { reason: 'JOB_DISABLED', message: 'the job is disabled', passes: false }
  if (job.closing) return { reason: 'JOB_DISABLED', message: 'the job is being deleted', passes: true }
  const { always, byCron } = job.config.notYetActing
  const fields = triggeredBy === 'cron' ? [...always, ...byCron] : always
  return fields.length === 0 ? undefined : { reason: 'NOT_YET_SUPPORTED', fields }
}
