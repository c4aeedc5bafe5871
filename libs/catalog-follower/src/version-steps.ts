// Whether the versions after a given one can serve its runs.

import type { Client } from '@connectrpc/connect'
import type {
  CatalogInternalService,
  VersionStep,
} from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createAsk } from './ask.ts'

interface VersionRef {
  readonly jobId: string
  readonly version: number
}

/** Makes the look-up of steps between versions. */
export function createVersionSteps(catalog: Pick<Client<typeof CatalogInternalService>, 'listVersionSteps'>) {
  const ask = createAsk<VersionRef, readonly VersionStep[]>({
    keyOf: ({ jobId, version }) => `${jobId} ${version}`,
    async ask(refs) {
      const { steps } = await catalog.listVersionSteps({ refs: [...refs] })
      return refs.map((_, i) => steps[i]?.steps ?? [])
    },
  })
  return { after: (jobId: string, version: number) => ask({ jobId, version }) }
}
