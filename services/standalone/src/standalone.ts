// The standalone, put together: infrastructure, schema, services, demo. Started in this order, stopped in the opposite one, so that the
// services stop before their database.

import { join } from 'node:path'
import { type BootstrapOptions, bootstrap, readMasterKeys } from '@strait/catalog/bootstrap'
import { isUuid, uuidv7Time } from '@strait/domain/ids'
import { createLog } from '@strait/service-kit/log'
import { createOpsServer } from '@strait/service-kit/ops-server'
import { type Part, startParts, stopParts } from '@strait/service-kit/part'
import { createTelemetry } from '@strait/service-kit/telemetry'
import { type Composition, composeServices, migrateServices } from './compose.ts'
import type { Config } from './config.ts'
import {
  type Context,
  loadSecrets,
  makeDataFolder,
  readContext,
  readDemoPort,
  writeContext,
  writeDemoPort,
} from './data-folder.ts'
import { createInfrastructure } from './infrastructure.ts'
import { requirePorts } from './ports.ts'
import { isKeyGood } from './story/demo-jobs.ts'
import { createSampleEndpoint } from './story/sample-endpoint.ts'
import { tellStory } from './story/tell-story.ts'
import { createTeller, type Teller } from './story/teller.ts'

/** A standalone that can be started, tell its story, and be stopped. */
export interface Standalone extends Part {
  /** Tells the story; answers the lines that are missing. */
  tell(): Promise<readonly string[]>
}

/** Puts the standalone together. `onLost` is told when Postgres or NATS ended by itself. */
export function createStandalone(
  config: Config,
  env: NodeJS.ProcessEnv,
  onLost: (what: string) => void,
): Standalone {
  const teller = createTeller(
    (text) => void process.stdout.write(text),
    process.stdout.isTTY === true && env.NO_COLOR === undefined,
  )
  const telemetry = createTelemetry()
  const stopping = new AbortController()
  const firstRuns = new Map<string, { since: Date; found: (run: string) => void }>()
  const seen = (slug: string, run: string) => {
    const wanted = firstRuns.get(slug)
    // A run that an earlier start left behind is finished too, but is not this story's.
    if (wanted === undefined || !isUuid(run) || uuidv7Time(run) < wanted.since) return
    firstRuns.delete(slug)
    wanted.found(run)
  }
  let started: readonly Part[] = []
  let context: Context | undefined
  let demo: ReturnType<typeof createSampleEndpoint> | undefined
  let webhookSecret = ''

  async function start(): Promise<void> {
    makeDataFolder(config.dataDir)
    await requirePorts(env.HOST ?? '0.0.0.0', [config.port, config.opsPort])
    const secrets = loadSecrets(config.dataDir)
    webhookSecret = secrets.webhookSecret
    const log = createLog('standalone', 'info', join(config.dataDir, 'strait.log'))
    const infrastructure = createInfrastructure({
      ...config,
      log: (line) => teller.say(line),
      signal: stopping.signal,
      onLost,
    })
    await startAlso(infrastructure)
    await migrateServices(infrastructure.databaseUrl())
    const serviceEnv = servicesEnv(config, env, infrastructure, secrets)
    const composition: Composition = composeServices(serviceEnv, config.port, { log, telemetry })
    const ops = createOpsServer({
      host: env.HOST ?? '0.0.0.0',
      port: config.opsPort,
      ready: composition.ready,
      telemetry,
    })
    demo = createSampleEndpoint({
      preferredPort: readDemoPort(config.dataDir),
      webhookSecret,
      onWork(request, status) {
        teller.call(request, status)
        seen(request.header('x-strait-job-slug'), request.header('x-strait-run-id'))
      },
      onWebhook(webhook) {
        teller.webhook(webhook)
        seen(webhook.jobSlug, webhook.runId)
      },
    })
    await startAlso(ops)
    await startAlso(demo)
    writeDemoPort(config.dataDir, demo.port())
    await startAlso(...composition.parts)
    context = await ensureContext(config, {
      databaseUrl: infrastructure.databaseUrl(),
      ...readMasterKeys(serviceEnv),
    })
  }

  async function startAlso(...parts: readonly Part[]): Promise<void> {
    stopping.signal.throwIfAborted()
    // Counted as started before they are, so that a stop in the middle stops them too.
    started = [...started, ...parts]
    await startParts(parts)
  }

  return {
    name: 'standalone',
    start,
    async stop() {
      stopping.abort()
      const parts = started
      started = []
      await stopParts(parts)
      await telemetry.stop()
    },
    async tell() {
      if (context === undefined || demo === undefined) throw new Error('the standalone has not started')
      greet(teller, context)
      return tellStory({
        context,
        teller,
        webhook: { url: demo.url('/webhook'), secret: webhookSecret },
        helloUrl: config.demoUrl ?? demo.url('/hello'),
        tickUrl: config.demoUrl ?? demo.url('/tick'),
        sampled: config.demoUrl === undefined,
        signal: stopping.signal,
        nextRunOf: (slug) => new Promise((found) => firstRuns.set(slug, { since: new Date(), found })),
      })
    },
  }
}

/** The services' environment: what was given, with what the standalone decides. */
function servicesEnv(
  config: Config,
  env: NodeJS.ProcessEnv,
  infrastructure: { databaseUrl(): string; natsUrl(): string },
  secrets: { readonly masterKey: string; readonly serviceToken: string },
): Record<string, string | undefined> {
  const url = `http://127.0.0.1:${config.port}`
  return {
    STRAIT_ENV: 'development',
    // A page on this machine may try the API; a key is needed all the same.
    STRAIT_CORS_ORIGINS: '*',
    // Everything stops within five seconds of a Ctrl-C.
    DISPATCHER_DRAIN_SECS: '2',
    NOTIFIER_DRAIN_SECS: '2',
    ...env,
    DATABASE_URL: infrastructure.databaseUrl(),
    NATS_URL: infrastructure.natsUrl(),
    PORT: String(config.port),
    OPS_PORT: String(config.opsPort),
    STRAIT_SERVICE_TOKEN: secrets.serviceToken,
    // A key of one's own comes as text or as a file.
    CATALOG_MASTER_KEY:
      env.CATALOG_MASTER_KEY || (env.CATALOG_MASTER_KEY_FILE ? undefined : secrets.masterKey),
    STRAIT_CATALOG_URL: url,
    STRAIT_DISPATCHER_URL: url,
  }
}

/** The demo project with a key that works: the one of the last start, or a new one. */
async function ensureContext(
  config: Config,
  catalog: Pick<BootstrapOptions, 'databaseUrl' | 'masterKey' | 'previousMasterKey'>,
): Promise<Context> {
  const url = `http://127.0.0.1:${config.port}`
  const before = readContext(config.dataDir)
  if (before !== undefined && (await isKeyGood({ ...before, url }))) {
    const context = { ...before, url }
    writeContext(config.dataDir, context)
    return context
  }
  const made = await bootstrap({
    ...catalog,
    projectSlug: 'demo',
    projectName: 'Demo',
    keyName: 'npm start',
  })
  const context = { url, api_key: made.apiKey, project_id: made.projectId }
  writeContext(config.dataDir, context)
  return context
}

function greet(teller: Teller, context: Context): void {
  const curl = (path: string, body?: string) =>
    [
      `  curl -s ${context.url}${path} -H "Authorization: Bearer $STRAIT_API_KEY"`,
      ...(body === undefined ? [] : [`-H 'Content-Type: application/json' -d '${body}'`]),
    ].join(' ')
  teller.say(`
Strait is up at ${context.url}: REST under /v1 (described by /openapi.json), Connect, gRPC and gRPC-Web.

  export STRAIT_API_KEY=${context.api_key}

Three things to try:
${curl('/v1/jobs/hello/trigger', '{"payload":{"name":"you"}}')}
${curl('/v1/jobs/tick')}
${curl('/v1/jobs', '{"name":"Mine","endpoint_url":"http://127.0.0.1:3000/"}')}
`)
}
