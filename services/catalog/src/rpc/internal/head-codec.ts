// The Head message, from a head as it was read.

import { create } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import {
  EnvironmentHeadSchema,
  type Head as HeadMessage,
  HeadSchema,
  JobGroupHeadSchema,
  JobHeadSchema,
  ProjectHeadSchema,
  WorkflowHeadSchema,
} from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { VersionPolicy } from '@strait/contracts/catalog/v1/job_pb'
import type { Head } from '../../domain/heads/head.ts'

const versionPolicies = {
  pin: VersionPolicy.PIN,
  latest: VersionPolicy.LATEST,
  minor: VersionPolicy.MINOR,
} as const

/** Writes a head. */
export function writeHead(head: Head): HeadMessage {
  return create(HeadSchema, { kind: kindOf(head) })
}

function kindOf(head: Head): HeadMessage['kind'] {
  switch (head.kind) {
    case 'job': {
      const { kind: _, groupId, updatedAtMs, versionPolicy, rateLimitKeys, ...same } = head
      const job = create(JobHeadSchema, {
        ...same,
        groupId: groupId ?? '',
        updatedAt: timestampFromMs(updatedAtMs),
        versionPolicy: versionPolicies[versionPolicy],
        rateLimitKeys: [...rateLimitKeys],
      })
      return { case: 'job', value: job }
    }
    case 'job_group': {
      const { kind: _, ...same } = head
      return { case: 'jobGroup', value: create(JobGroupHeadSchema, same) }
    }
    case 'environment': {
      const { kind: _, ...same } = head
      return { case: 'environment', value: create(EnvironmentHeadSchema, same) }
    }
    case 'project': {
      const { kind: _, egressAllow, ...same } = head
      return { case: 'project', value: create(ProjectHeadSchema, { ...same, egressAllow: [...egressAllow] }) }
    }
    case 'workflow': {
      const { kind: _, updatedAtMs, ...same } = head
      const updatedAt = timestampFromMs(updatedAtMs)
      return { case: 'workflow', value: create(WorkflowHeadSchema, { ...same, updatedAt }) }
    }
  }
}
