// Every metric and log line that the catalog adds to those of the service kit. Nothing here throws or holds anybody up.

import type { Log } from '@strait/service-kit/log'
import type { Telemetry } from '@strait/service-kit/telemetry'

/** The internal questions; each takes a batch. */
export type Question =
  | 'verify_keys'
  | 'get_job_versions'
  | 'get_webhook_secrets'
  | 'get_heads'
  | 'get_environment_values'
  | 'list_version_steps'
  | 'get_workflow_versions'

/** What happens to a job. */
export type JobChangeWord =
  | 'created'
  | 'cloned'
  | 'updated'
  | 'enabled'
  | 'disabled'
  | 'rolled_back'
  | 'paused'
  | 'resumed'
  | 'deleted'

/** How a group or a project changed. */
export type ThingChange = 'created' | 'updated' | 'paused' | 'resumed' | 'deleted'

export interface Events {
  /** A change of a job was stored; the job is as it is after it. */
  jobChanged(
    change: JobChangeWord,
    job: { readonly id: string; readonly projectId: string; readonly version: number },
    by: string,
  ): void
  /** A fault of ours was the answer of one item of a batch. */
  itemFailed(err: unknown): void
  /** A key was made or changed. Its id is told, its text never. */
  apiKeyChanged(
    change: 'created' | 'updated' | 'rotated' | 'revoked',
    key: { readonly id: string; readonly projectId: string },
    by: string,
  ): void
  /** An environment was made, changed or deleted. Nothing of its variables is told. */
  environmentChanged(
    change: 'created' | 'updated' | 'deleted',
    environment: { readonly id: string; readonly projectId: string },
    by: string,
  ): void
  /** A group was made or changed. */
  jobGroupChanged(
    change: ThingChange,
    group: { readonly id: string; readonly projectId: string },
    by: string,
  ): void
  /** A project was made or changed. */
  projectChanged(change: Exclude<ThingChange, 'deleted'>, project: { readonly id: string }, by: string): void
  workflowChanged(
    change: 'created' | 'updated' | 'rolled_back' | 'deleted',
    workflow: { readonly id: string; readonly projectId: string },
    by: string,
  ): void
  /** A question came with so many items. */
  asked(question: Question, items: number): void
  /** Asked at each scrape: how many followers are there. */
  followersThere(count: () => number): void
  /** A change waited so long for its followers; it ran out when not all of them answered. */
  announced(waitedMs: number, ranOut: boolean): void
  /** So many entries of the audit log wait to be chained, the oldest of them for so many seconds. */
  auditWaiting(entries: number, oldestSecs: number): void
  loopbackAllowed(): void
  /** The thread that checks schemas broke at one; whoever sent it was refused. */
  schemaThreadBroke(err: unknown): void
  connectionLost(err: Error): void
}

/** The catalog's events, counted and logged. */
export function createEvents(log: Log, { meter }: Telemetry): Events {
  const created = meter.createCounter('strait_catalog_jobs_created', {
    description: 'Jobs that were created, copies included.',
  })
  const jobChanges = meter.createCounter('strait_catalog_job_changes', {
    description: 'Changes of jobs that were stored, by `change`.',
  })
  const keyChanges = meter.createCounter('strait_catalog_api_key_changes', {
    description: 'API keys that were created, updated, rotated or revoked, by `change`.',
  })
  const environmentChanges = meter.createCounter('strait_catalog_environment_changes', {
    description: 'Environments that were created, updated or deleted, by `change`.',
  })
  const groupChanges = meter.createCounter('strait_catalog_job_group_changes', {
    description: 'Job groups that were created, updated, paused, resumed or deleted, by `change`.',
  })
  const projectChanges = meter.createCounter('strait_catalog_project_changes', {
    description: 'Projects that were created, updated, paused or resumed, by `change`.',
  })
  const workflowChanges = meter.createCounter('strait_catalog_workflow_changes', {
    description: 'Workflows that were created, updated, rolled back or deleted, by `change`.',
  })
  const items = meter.createHistogram('strait_catalog_question_batch', {
    unit: '{item}',
    description: 'Items of one internal question, answered by one statement.',
  })
  const followers = meter.createObservableGauge('strait_catalog_followers', {
    description: 'Followers of the catalog that are there.',
  })
  const waits = meter.createHistogram('strait_catalog_announce_wait', {
    unit: 's',
    description: 'How long changes waited for the followers to take them in.',
  })
  const ranOutWaits = meter.createCounter('strait_catalog_announce_waits_run_out', {
    description: 'Waits that ended before every follower had answered.',
  })
  const unchained = meter.createGauge('strait_catalog_audit_unchained', {
    description: 'Entries of the audit log that wait to be chained; no more than 10,000 are counted.',
  })
  const unchainedSecs = meter.createGauge('strait_catalog_audit_oldest_unchained_seconds', {
    description: 'For how long the oldest of them has waited. Rises where the chainer is stuck.',
  })
  return {
    jobChanged(change, { id, projectId, version }, by) {
      if (change === 'created' || change === 'cloned') created.add(1)
      jobChanges.add(1, { change })
      const what = { job_id: id, project_id: projectId, version, actor: by }
      log.info(what, `job ${change.replace('_', ' ')}`)
    },
    itemFailed: (err) => log.error({ err }, 'an item of a batch failed'),
    apiKeyChanged(change, { id, projectId }, by) {
      keyChanges.add(1, { change })
      log.info({ key_id: id, project_id: projectId, actor: by }, `API key ${change}`)
    },
    environmentChanged(change, { id, projectId }, by) {
      environmentChanges.add(1, { change })
      log.info({ environment_id: id, project_id: projectId, actor: by }, `environment ${change}`)
    },
    jobGroupChanged(change, { id, projectId }, by) {
      groupChanges.add(1, { change })
      log.info({ job_group_id: id, project_id: projectId, actor: by }, `job group ${change}`)
    },
    projectChanged(change, { id }, by) {
      projectChanges.add(1, { change })
      log.info({ project_id: id, actor: by }, `project ${change}`)
    },
    workflowChanged(change, { id, projectId }, by) {
      workflowChanges.add(1, { change })
      log.info({ workflow_id: id, project_id: projectId, actor: by }, `workflow ${change}`)
    },
    asked: (question, count) => items.record(count, { question }),
    followersThere: (count) => followers.addCallback((result) => result.observe(count())),
    announced(waitedMs, ranOut) {
      waits.record(waitedMs / 1_000)
      if (ranOut) ranOutWaits.add(1)
    },
    auditWaiting(entries, oldestSecs) {
      unchained.record(entries)
      unchainedSecs.record(oldestSecs)
    },
    loopbackAllowed: () =>
      log.warn({}, 'STRAIT_ENV is development: endpoints and webhooks may be on loopback addresses'),
    schemaThreadBroke: (err) => log.error({ err }, 'the thread that checks schemas broke'),
    connectionLost: (err) => log.warn({ err }, 'a database connection was lost; the pool opens a new one'),
  }
}
