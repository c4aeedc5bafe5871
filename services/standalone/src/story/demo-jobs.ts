// The two jobs of the demo, made through the public API like anybody's.

import { createHash } from 'node:crypto'
import { Code, ConnectError } from '@connectrpc/connect'
import type { Job } from '@strait/contracts/catalog/v1/job_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import type { Context } from '../data-folder.ts'

/** What a demo job calls and when. */
export interface DemoJob {
  readonly slug: string
  readonly name: string
  readonly endpointUrl: string
  readonly cron?: string
}

/** Finds the demo's job or creates it; one that calls elsewhere (another port, another STRAIT_DEMO_URL) stays, and a new one stands beside it. */
export async function ensureJob(
  context: Context,
  wanted: DemoJob,
  webhook: { readonly url: string; readonly secret: string },
): Promise<Job> {
  const jobs = createServiceClient(JobService, { baseUrl: context.url, bearer: context.api_key })
  const suffix = createHash('sha256').update(`${wanted.endpointUrl} ${webhook.url}`).digest('hex').slice(0, 6)
  for (const slug of [wanted.slug, `${wanted.slug}-${suffix}`]) {
    const job = {
      name: wanted.name,
      slug,
      endpointUrl: wanted.endpointUrl,
      cron: wanted.cron,
      webhookUrl: webhook.url,
      webhookSecret: webhook.secret,
    }
    try {
      const created = await jobs.createJob({ job })
      return created.job as Job
    } catch (err) {
      if (ConnectError.from(err).code !== Code.AlreadyExists) throw err
    }
    const { job: found } = await jobs.getJob({ job: slug })
    if (found?.endpointUrl === wanted.endpointUrl && found.webhookUrl === webhook.url) return found
  }
  throw new Error(`the demo's job ${wanted.slug} can be neither made nor found`)
}

/** Whether the key that clients were given last time still opens this installation. */
export async function isKeyGood(context: Context): Promise<boolean> {
  const jobs = createServiceClient(JobService, { baseUrl: context.url, bearer: context.api_key })
  try {
    await jobs.getJob({ job: 'hello' })
    return true
  } catch (err) {
    return ConnectError.from(err).code === Code.NotFound
  }
}
