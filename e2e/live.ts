// What the stories of live state begin with: a cluster with two dispatchers, an endpoint that answers at once, and the catalog's services.

import { JobGroupService } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { ProjectService } from '@strait/contracts/catalog/v1/project_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { type Cluster, type ClusterOptions, type Node, startCluster } from './cluster.ts'

/** A cluster whose jobs are changed while it runs. */
export interface LiveCluster extends AsyncDisposable {
  readonly cluster: Cluster
  readonly endpoint: Receiver
  readonly groups: ReturnType<typeof groupsOf>
  readonly projects: ReturnType<typeof projectsOf>
  readonly projectId: string
  /** Triggers a job so many times, at both dispatchers in turn; answers the runs' ids. */
  trigger(job: string, times?: number): Promise<string[]>
  /** How a run stands. */
  status(runId: string): Promise<RunStatus>
  /** Waits until all of these runs stand so. */
  untilAll(runIds: readonly string[], status: RunStatus): Promise<void>
  /** How many calls of these runs the endpoint got. */
  calls(runIds: readonly string[]): number
  /** Runs of another job go from trigger to end: whatever would have started by mistake has had its time. */
  othersGoOn(): Promise<void>
}

const groupsOf = (cluster: Cluster) =>
  createServiceClient(JobGroupService, { baseUrl: cluster.catalog.url, bearer: cluster.apiKey })
const projectsOf = (cluster: Cluster) =>
  createServiceClient(ProjectService, { baseUrl: cluster.catalog.url, bearer: cluster.apiKey })

type Options = Pick<ClusterOptions, 'scheduler' | 'notifier' | 'env'>

/** Boots one, with a job `other` that nobody touches. */
export async function startLive(options: Options = {}): Promise<LiveCluster> {
  const shared = await shareLive(options)
  return withStack(await shared.live(), shared)
}

/** One cluster for many tests: each has a project of its own in it, so that none meets another's jobs. */
export async function shareLive(
  options: Options = {},
): Promise<AsyncDisposable & { live(): Promise<LiveCluster> }> {
  const cluster = await startCluster({ dispatchers: 2, scheduler: false, notifier: false, ...options })
  const bearer = await cluster.bootstrapDeployment()
  const projects = createServiceClient(ProjectService, { baseUrl: cluster.catalog.url, bearer })
  let made = 0
  return {
    async live() {
      const name = `Project ${++made}`
      const { project, token } = await projects.createProject({ project: { name }, withApiKey: true })
      return openLive(inProject(cluster, token), project?.id ?? '')
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

/** The cluster as a key of another project sees it. */
function inProject(cluster: Cluster, apiKey: string): Cluster {
  const bearer = apiKey
  return {
    ...cluster,
    apiKey,
    jobs: createServiceClient(JobService, { baseUrl: cluster.catalog.url, bearer }),
    runs: (dispatcher = cluster.dispatchers[0] as Node) =>
      createServiceClient(RunService, { baseUrl: dispatcher.url, bearer, timeoutMs: 'none' }),
  }
}

function withStack(live: LiveCluster, more: AsyncDisposable): LiveCluster {
  return {
    ...live,
    async [Symbol.asyncDispose]() {
      await live[Symbol.asyncDispose]()
      await more[Symbol.asyncDispose]()
    },
  }
}

async function openLive(cluster: Cluster, projectId: string): Promise<LiveCluster> {
  const endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Other', endpointUrl: endpoint.url } })
  const clients = cluster.dispatchers.map((dispatcher) => cluster.runs(dispatcher))

  async function trigger(name: string, times = 1): Promise<string[]> {
    const answers = await Promise.all(
      Array.from({ length: times }, (_, i) => clients[i % clients.length]?.triggerJob({ job: name })),
    )
    return answers.map((answer) => answer?.run?.id ?? '')
  }
  const reader = cluster.runs()
  async function status(run: string): Promise<RunStatus> {
    const answer = await reader.getRun({ run })
    return answer.run?.status ?? RunStatus.UNSPECIFIED
  }
  // Fifty at a time: a thousand new connections in one moment are more than a port has places to wait.
  async function areAll(runIds: readonly string[], wanted: RunStatus): Promise<boolean> {
    for (let from = 0; from < runIds.length; from += 50) {
      const statuses = await Promise.all(runIds.slice(from, from + 50).map(status))
      if (!statuses.every((is) => is === wanted)) return false
    }
    return true
  }
  async function untilAll(runIds: readonly string[], wanted: RunStatus): Promise<void> {
    const what = `${runIds.length} runs to be ${RunStatus[wanted]}`
    await waitFor(() => areAll(runIds, wanted), { what, timeoutMs: 20_000 })
  }
  return {
    cluster,
    endpoint,
    groups: groupsOf(cluster),
    projects: projectsOf(cluster),
    projectId,
    trigger,
    status,
    untilAll,
    calls: (runIds) =>
      endpoint.requests.filter((request) => runIds.includes(String(request.headers['x-strait-run-id'])))
        .length,
    async othersGoOn() {
      for (let i = 0; i < 3; i++) await untilAll(await trigger('other', 4), RunStatus.COMPLETED)
    },
    [Symbol.asyncDispose]: () => endpoint.close(),
  }
}
