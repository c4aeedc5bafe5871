// Whether a trigger may become a run, decided from the request and the job alone: every fault at once, each with its field.

import { checkJsonText } from '@strait/domain/json-text'
import { shardOf } from '@strait/domain/shard'
import type { JobConfig } from './job-config.ts'
import type { NewRun } from './run.ts'

/** What a caller asks for. */
export interface Trigger {
  readonly payload?: string | undefined
  readonly idempotencyKey?: string | undefined
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly minVersion: number
}

/** One field at fault. */
export interface Violation {
  readonly field: string
  readonly description: string
}

/** Bounds of what a caller may give. */
export const triggerBounds = {
  idempotencyKey: 256,
  metadata: { entries: 50, key: 64, value: 1024 },
  tags: { entries: 20, key: 64, value: 256 },
  jsonDepth: 64,
} as const

/** Every fault of a trigger that can be seen without its job. */
export function checkTrigger(trigger: Trigger, maxPayloadBytes: number): Violation[] {
  const faults: Violation[] = []
  if (trigger.payload !== undefined) {
    const check = checkJsonText(trigger.payload, {
      maxBytes: maxPayloadBytes,
      maxDepth: triggerBounds.jsonDepth,
    })
    if (!check.ok) faults.push({ field: 'payload', description: check.message })
  }
  if (trigger.idempotencyKey !== undefined) {
    const length = characters(trigger.idempotencyKey)
    if (length < 1 || length > triggerBounds.idempotencyKey) {
      faults.push({
        field: 'idempotency_key',
        description: `must have 1 to ${triggerBounds.idempotencyKey} characters`,
      })
    } else if (!isStorable(trigger.idempotencyKey))
      faults.push({ field: 'idempotency_key', description: 'must not contain NUL' })
  }
  if (trigger.minVersion < 0) faults.push({ field: 'min_version', description: 'must not be negative' })
  faults.push(...checkEntries('metadata', trigger.metadata, triggerBounds.metadata))
  faults.push(...checkEntries('tags', trigger.tags, triggerBounds.tags))
  return faults
}

function checkEntries(
  name: string,
  given: Readonly<Record<string, string>>,
  bounds: { readonly entries: number; readonly key: number; readonly value: number },
): Violation[] {
  const entries = Object.entries(given)
  if (entries.length > bounds.entries)
    return [{ field: name, description: `must have at most ${bounds.entries} entries` }]
  const faults: Violation[] = []
  for (const [key, value] of entries) {
    const field = `${name}["${key.slice(0, 80)}"]`
    if (key === '' || characters(key) > bounds.key)
      faults.push({ field, description: `its key must have 1 to ${bounds.key} characters` })
    if (characters(value) > bounds.value)
      faults.push({ field, description: `its value must have at most ${bounds.value} characters` })
    if (!isStorable(key) || !isStorable(value)) faults.push({ field, description: 'must not contain NUL' })
  }
  return faults
}

/** The run that a trigger of a job becomes. */
export function newRun(
  job: JobConfig,
  run: Pick<
    NewRun,
    | 'id'
    | 'payload'
    | 'idempotencyKey'
    | 'triggeredBy'
    | 'createdBy'
    | 'occurrence'
    | 'traceparent'
    | 'metadata'
    | 'tags'
  >,
): NewRun {
  return {
    ...run,
    projectId: job.projectId,
    jobId: job.jobId,
    jobSlug: job.slug,
    shard: shardOf(job.jobId),
    version: job.version,
    versionId: job.versionId,
    metadata: { ...job.defaultRunMetadata, ...run.metadata },
    tags: { ...job.tags, ...run.tags },
  }
}

function characters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
