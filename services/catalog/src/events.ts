// Every metric and log line that the catalog adds to those of the service kit. Nothing here throws or holds anybody up.

import type { Log } from '@strait/service-kit/log'
import type { Telemetry } from '@strait/service-kit/telemetry'

/** The internal questions; each takes a batch. */
export type Question =
  | 'verify_keys'
  | 'resolve_jobs'
  | 'get_job_versions'
  | 'get_webhook_secrets'
  | 'get_workflow_versions'

export interface Events {
  jobCreated(job: { readonly id: string; readonly projectId: string }): void
  /** A key was made or changed. Its id is told, its text never. */
  apiKeyChanged(
    change: 'created' | 'updated' | 'rotated' | 'revoked',
    key: { readonly id: string; readonly projectId: string },
    by: string,
  ): void
  workflowChanged(
    change: 'created' | 'updated' | 'rolled_back' | 'deleted',
    workflow: { readonly id: string; readonly projectId: string },
    by: string,
  ): void
  /** A question came with so many items. */
  asked(question: Question, items: number): void
  loopbackAllowed(): void
  connectionLost(err: Error): void
}

/** The catalog's events, counted and logged. */
export function createEvents(log: Log, { meter }: Telemetry): Events {
  const created = meter.createCounter('strait_catalog_jobs_created', {
    description: 'Jobs that were created.',
  })
  const keyChanges = meter.createCounter('strait_catalog_api_key_changes', {
    description: 'API keys that were created, updated, rotated or revoked, by `change`.',
  })
  const workflowChanges = meter.createCounter('strait_catalog_workflow_changes', {
    description: 'Workflows that were created, updated, rolled back or deleted, by `change`.',
  })
  const items = meter.createHistogram('strait_catalog_question_batch', {
    unit: '{item}',
    description: 'Items of one internal question, answered by one statement.',
  })
  return {
    jobCreated({ id, projectId }) {
      created.add(1)
      log.info({ job_id: id, project_id: projectId }, 'job created')
    },
    apiKeyChanged(change, { id, projectId }, by) {
      keyChanges.add(1, { change })
      log.info({ key_id: id, project_id: projectId, actor: by }, `API key ${change}`)
    },
    workflowChanged(change, { id, projectId }, by) {
      workflowChanges.add(1, { change })
      log.info({ workflow_id: id, project_id: projectId, actor: by }, `workflow ${change}`)
    },
    asked: (question, count) => items.record(count, { question }),
    loopbackAllowed: () =>
      log.warn({}, 'STRAIT_ENV is development: endpoints and webhooks may be on loopback addresses'),
    connectionLost: (err) => log.warn({ err }, 'a database connection was lost; the pool opens a new one'),
  }
}
