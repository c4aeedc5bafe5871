// The services that anyone with an API key may call, and which process owns each. Internal services are never in this list:
// what is not in it cannot be reached through the public origin.

import type { DescService } from '@bufbuild/protobuf'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { AuditService } from '@strait/contracts/catalog/v1/audit_service_pb'
import { EnvironmentService } from '@strait/contracts/catalog/v1/environment_service_pb'
import { JobGroupService } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { ProjectService } from '@strait/contracts/catalog/v1/project_service_pb'
import { WorkflowService } from '@strait/contracts/catalog/v1/workflow_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'

/** Every public service. */
export const publicServices: readonly DescService[] = [
  JobService,
  JobGroupService,
  EnvironmentService,
  ProjectService,
  WorkflowService,
  ApiKeyService,
  AuditService,
  RunService,
]

/** The process that serves a service: the package `strait.<owner>.v1` says it. */
export function ownerOf(service: DescService): string {
  const [, owner] = /^strait\.([a-z]+)\.v\d+\.[A-Za-z]+$/.exec(service.typeName) ?? []
  if (owner === undefined) throw new Error(`${service.typeName} does not say which service owns it`)
  return owner
}
